//! Room for recursion: deeply nested text is parsed on a thread with a larger stack than worker threads have.

use crate::token::Token;

/// Levels of brackets any thread's stack can take, in unoptimised builds too.
const SHALLOW: usize = 64;
/// Room for [`crate::tree::MAX_DEPTH`] levels, several times over. Only what is used gets backed by memory.
const STACK_BYTES: usize = 32 << 20;

/// Runs `work`, which recurses as deep as the brackets among `tokens` nest. `None` when there is no room for that.
pub(crate) fn with_room<T: Send>(tokens: &[Token], work: impl FnOnce() -> T + Send) -> Option<T> {
    if deepest(tokens) <= SHALLOW {
        return Some(work());
    }
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().name("parser".to_owned()).stack_size(STACK_BYTES);
        builder.spawn_scoped(scope, work).ok()?.join().ok()
    })
}

fn deepest(tokens: &[Token]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for token in tokens {
        if token.kind.opens() {
            depth += 1;
            deepest = deepest.max(depth);
        } else if token.kind.closes() {
            depth = depth.saturating_sub(1);
        }
    }
    deepest
}
