package dev.tidemark.network;

import dev.tidemark.base.Bytes;
import dev.tidemark.protocol.message.SaslAuthenticateResponse;

/// Replies of a chosen size.
final class Replies {
    private Replies() {}

    static SaslAuthenticateResponse saslAuthenticate(byte[] auth) {
        return SaslAuthenticateResponse.builder().authBytes(Bytes.wrap(auth)).build();
    }
}
