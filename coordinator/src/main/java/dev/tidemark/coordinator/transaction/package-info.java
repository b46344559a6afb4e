/// The transaction coordinator: what becomes of each transactional id, as a pure machine over
/// `__transaction_state`.
@NullMarked
package dev.tidemark.coordinator.transaction;

import org.jspecify.annotations.NullMarked;
