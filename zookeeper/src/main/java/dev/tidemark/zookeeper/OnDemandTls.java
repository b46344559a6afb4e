package dev.tidemark.zookeeper;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.security.KeyManagementException;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.common.X509Util;

/// The process's default TLS context, made when somebody first wants to connect by it.
///
/// A class of ZooKeeper's members asks the default context, when it is loaded, which versions and ciphers there are,
/// also where nobody wants TLS. To make the context loads the whole TLS stack and all certificates that the JDK
/// trusts, a fifth of a broker's start. So that class is loaded here, and told that there is nothing.
final class OnDemandTls extends SSLContextSpi {
    private static volatile boolean isLoading;

    private static final class Made {
        static final SSLContext CONTEXT = make();

        private static SSLContext make() {
            try {
                return SSLContext.getInstance("Default");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("This JDK has no default TLS context", e);
            }
        }
    }

    private static final class Context extends SSLContext {
        Context() {
            super(new OnDemandTls(), null, "Default");
        }
    }

    private OnDemandTls() {}

    /// Loads ZooKeeper's class, and takes the default context's place. Does nothing where ZooKeeper's clients use TLS.
    static void install() {
        if (Boolean.getBoolean(ZKClientConfig.SECURE_CLIENT)) return;
        SSLContext.setDefault(new Context());
        isLoading = true;
        try {
            var _ = MethodHandles.lookup().ensureInitialized(X509Util.class);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        } finally {
            isLoading = false;
        }
    }

    @Override
    protected SSLParameters engineGetSupportedSSLParameters() {
        if (!isLoading) return Made.CONTEXT.getSupportedSSLParameters();
        return new SSLParameters(new String[0], new String[0]);
    }

    @Override
    protected SSLParameters engineGetDefaultSSLParameters() {
        return Made.CONTEXT.getDefaultSSLParameters();
    }

    @Override
    protected void engineInit(KeyManager[] keys, TrustManager[] trust, SecureRandom random)
            throws KeyManagementException {
        throw new KeyManagementException("The default TLS context is initialized already");
    }

    @Override
    protected SSLSocketFactory engineGetSocketFactory() {
        return Made.CONTEXT.getSocketFactory();
    }

    @Override
    protected SSLServerSocketFactory engineGetServerSocketFactory() {
        return new Sockets();
    }

    @Override
    protected SSLEngine engineCreateSSLEngine() {
        return Made.CONTEXT.createSSLEngine();
    }

    @Override
    protected SSLEngine engineCreateSSLEngine(String host, int port) {
        return Made.CONTEXT.createSSLEngine(host, port);
    }

    @Override
    protected SSLSessionContext engineGetServerSessionContext() {
        return Made.CONTEXT.getServerSessionContext();
    }

    @Override
    protected SSLSessionContext engineGetClientSessionContext() {
        return Made.CONTEXT.getClientSessionContext();
    }

    /// The JDK keeps the first one for ever.
    private static final class Sockets extends SSLServerSocketFactory {
        private SSLServerSocketFactory made() {
            return Made.CONTEXT.getServerSocketFactory();
        }

        @Override
        public String[] getDefaultCipherSuites() {
            return made().getDefaultCipherSuites();
        }

        @Override
        public String[] getSupportedCipherSuites() {
            return isLoading ? new String[0] : made().getSupportedCipherSuites();
        }

        @Override
        public ServerSocket createServerSocket() throws IOException {
            return made().createServerSocket();
        }

        @Override
        public ServerSocket createServerSocket(int port) throws IOException {
            return made().createServerSocket(port);
        }

        @Override
        public ServerSocket createServerSocket(int port, int backlog) throws IOException {
            return made().createServerSocket(port, backlog);
        }

        @Override
        public ServerSocket createServerSocket(int port, int backlog, InetAddress address) throws IOException {
            return made().createServerSocket(port, backlog, address);
        }
    }
}
