// Members of the cluster.
import { getPeers } from "../lib/api";
import { usePoll } from "../lib/hooks";
import { Empty, LoadError } from "../ui/bits";

export function ClusteringPage() {
  const { data, error } = usePoll(getPeers, 5000, "peers");
  return (
    <>
      <div class="page-bar"><h1>Clustering</h1></div>
      <LoadError what="peers" error={error} />
      {data && data.length === 0 && <Empty title="No peers">This process runs alone. Start it with <code>--cluster.enabled</code> to share targets between several.</Empty>}
      {data && data.length > 0 && (
        <div class="panel table-frame">
          <table class="peers">
            <thead><tr><th>Name</th><th>Address</th><th>State</th></tr></thead>
            <tbody>
              {data.map(({ name, addr, isSelf, state }) => (
                <tr key={`${name} ${addr}`}>
                  <td><strong>{name}</strong>{isSelf && <span class="badge badge-self">this process</span>}</td>
                  <td class="mono">{addr}</td>
                  <td><span class={`badge peer-${state}`}>{state}</span></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {data && data.length === 1 && <p class="quiet table-note">A cluster of one: start other processes with <code>--cluster.enabled</code> and <code>--cluster.join-addresses</code> to share targets.</p>}
    </>
  );
}
