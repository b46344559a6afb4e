/// Being a member of a group: pure state machines for both group protocols.
@NullMarked
package dev.tidemark.client.consumer.membership;

import org.jspecify.annotations.NullMarked;
