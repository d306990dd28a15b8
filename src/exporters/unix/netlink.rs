//! Asks the kernel over netlink for lists that it shows in no file, or only in a slow one.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};

use super::context::{CollectError, Collected};

const HEADER: usize = 16;
/// A kernel that does not answer must not hold up a scrape for longer.
const TIMEOUT_SECONDS: libc::time_t = 5;

/// Sends one request for a list and calls `each` with the body of every answer.
pub(super) fn dump(protocol: libc::c_int, kind: u16, request: &[u8], mut each: impl FnMut(&[u8])) -> Collected {
    talk(protocol, kind, request, &mut each).map_err(|source| CollectError::Read { path: "netlink".to_owned(), source })
}

fn talk(protocol: libc::c_int, kind: u16, request: &[u8], each: &mut dyn FnMut(&[u8])) -> io::Result<()> {
    let socket = open(protocol)?;
    let length = u32::try_from(HEADER + request.len()).map_err(io::Error::other)?;
    let flags = (libc::NLM_F_REQUEST | libc::NLM_F_DUMP) as u16;
    let mut message = Vec::with_capacity(HEADER + request.len());
    message.extend(length.to_ne_bytes());
    message.extend(kind.to_ne_bytes());
    message.extend(flags.to_ne_bytes());
    // Sequence number and port: one request per socket needs neither.
    message.extend([0; 8]);
    message.extend(request);
    // SAFETY: the descriptor is open, and pointer and length are those of `message`.
    let sent = unsafe { libc::send(socket.as_raw_fd(), message.as_ptr().cast(), message.len(), 0) };
    if sent < 0 {
        return Err(io::Error::last_os_error());
    }
    let mut buffer = vec![0_u8; 64 << 10];
    loop {
        // SAFETY: the descriptor is open, and pointer and length are those of `buffer`.
        let received = unsafe { libc::recv(socket.as_raw_fd(), buffer.as_mut_ptr().cast(), buffer.len(), 0) };
        let Ok(received) = usize::try_from(received) else { return Err(io::Error::last_os_error()) };
        if messages(&buffer[..received], each)? {
            return Ok(());
        }
    }
}

fn open(protocol: libc::c_int) -> io::Result<OwnedFd> {
    // SAFETY: the call takes no pointers.
    let descriptor = unsafe { libc::socket(libc::AF_NETLINK, libc::SOCK_RAW | libc::SOCK_CLOEXEC, protocol) };
    if descriptor < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor was just opened and belongs to nobody else.
    let socket = unsafe { OwnedFd::from_raw_fd(descriptor) };
    let timeout = libc::timeval { tv_sec: TIMEOUT_SECONDS, tv_usec: 0 };
    let size = size_of::<libc::timeval>() as libc::socklen_t;
    // SAFETY: the descriptor is open, and pointer and size are those of `timeout`.
    let set = unsafe { libc::setsockopt(socket.as_raw_fd(), libc::SOL_SOCKET, libc::SO_RCVTIMEO, (&raw const timeout).cast(), size) };
    if set < 0 { Err(io::Error::last_os_error()) } else { Ok(socket) }
}

/// Calls `each` for the messages in a datagram. True when the list is at its end.
fn messages(mut data: &[u8], each: &mut dyn FnMut(&[u8])) -> io::Result<bool> {
    if data.is_empty() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    while let (Some(length), Some(kind)) = (u32_at(data, 0), u16_at(data, 4)) {
        let length = length as usize;
        let Some(body) = data.get(HEADER..length) else { return Err(io::ErrorKind::InvalidData.into()) };
        match i32::from(kind) {
            libc::NLMSG_DONE => return Ok(true),
            libc::NLMSG_ERROR => {
                let code = u32_at(body, 0).unwrap_or_default().cast_signed();
                return Err(io::Error::from_raw_os_error(-code));
            }
            libc::NLMSG_NOOP => {}
            _ => each(body),
        }
        data = data.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    Ok(false)
}

/// The attributes in `data`: number and value.
pub(super) fn attributes(mut data: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let length = usize::from(u16_at(data, 0)?);
        // The two highest bits tell how the value is stored.
        let kind = u16_at(data, 2)? & 0x3fff;
        let value = data.get(4..length)?;
        data = data.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some((kind, value))
    })
}

/// The number of 16 bits at an offset, if there is one.
pub(super) fn u16_at(data: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_ne_bytes(data.get(at..at + 2)?.try_into().ok()?))
}

/// The number of 32 bits at an offset, if there is one.
pub(super) fn u32_at(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(data.get(at..at + 4)?.try_into().ok()?))
}

/// The number of 64 bits at an offset, if there is one.
pub(super) fn u64_at(data: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_ne_bytes(data.get(at..at + 8)?.try_into().ok()?))
}

/// The name of the network device with this number; empty when there is none.
pub(super) fn device(index: u32) -> String {
    let mut name = [0; libc::IF_NAMESIZE];
    // SAFETY: the buffer has the size that the call asks for, and gets an end.
    let found = unsafe { libc::if_indextoname(index, name.as_mut_ptr()) };
    if found.is_null() {
        return String::new();
    }
    // SAFETY: the call succeeded, so `name` holds a text with an end.
    unsafe { CStr::from_ptr(name.as_ptr()) }.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u16, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(HEADER + body.len()).expect("it is short");
        [&length.to_ne_bytes()[..], &kind.to_ne_bytes(), &[0; 10], body, &vec![0; body.len().next_multiple_of(4) - body.len()]].concat()
    }

    #[test]
    fn datagrams_are_cut_into_messages() {
        let mut bodies = Vec::new();
        let data = [message(20, b"abc"), message(20, b"defg")].concat();
        assert!(!messages(&data, &mut |body| bodies.push(body.to_vec())).expect("the datagram is whole"));
        assert_eq!(bodies, [b"abc".to_vec(), b"defg".to_vec()]);
        assert!(messages(&message(3, &[]), &mut |_| {}).expect("the list ends"));
        let refused = messages(&message(2, &(-libc::EPERM).to_ne_bytes()), &mut |_| {}).expect_err("the kernel refuses");
        assert_eq!(refused.raw_os_error(), Some(libc::EPERM));
        assert!(messages(&data[..18], &mut |_| {}).is_err());
        assert!(messages(&[], &mut |_| {}).is_err());
    }

    #[test]
    fn attributes_end_where_the_data_does() {
        let data =
            [&7_u16.to_ne_bytes()[..], &1_u16.to_ne_bytes(), b"abc\0", &8_u16.to_ne_bytes(), &0x8002_u16.to_ne_bytes(), b"wxyz", &[9, 9]]
                .concat();
        assert_eq!(attributes(&data).collect::<Vec<_>>(), [(1, &b"abc"[..]), (2, b"wxyz")]);
        assert_eq!(attributes(&[0; 8]).count(), 0);
    }
}
