package dev.tidemark.zookeeper;

import org.apache.zookeeper.client.ZKClientConfig;

/// The ZooKeeper client's configuration without what nobody has asked for: by merely looking for TLS settings it would
/// load the JDK's whole TLS stack (a third of a second), and by looking for a login it would look hosts up in reverse.
final class ClientConfig extends ZKClientConfig {
    private ClientConfig() {}

    /// Heeds ZooKeeper's system properties for TLS and SASL where one of these features is on.
    static ZKClientConfig make() {
        boolean login = System.getProperty("java.security.auth.login.config") != null;
        boolean secure = Boolean.getBoolean(SECURE_CLIENT);
        if (login || secure) return new ZKClientConfig();
        ClientConfig plain = new ClientConfig();
        plain.setProperty(ENABLE_CLIENT_SASL_KEY, "false");
        return plain;
    }

    @Override
    protected void handleBackwardCompatibility() {}
}
