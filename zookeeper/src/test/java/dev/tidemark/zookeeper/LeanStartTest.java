package dev.tidemark.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocketFactory;
import org.apache.zookeeper.jmx.MBeanRegistry;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What a member leaves out of its start is there for whoever asks for it later.
class LeanStartTest {
    @BeforeAll
    static void loadMember() {
        ServerProperties.setForEnsemble();
    }

    @Test
    void zooKeeperGetsNoPlatformBeans() throws Exception {
        MBeanServer given = MBeanRegistry.getInstance().getPlatformMBeanServer();

        assertThat(given.isRegistered(new ObjectName(ManagementFactory.RUNTIME_MXBEAN_NAME)))
                .isFalse();
    }

    @Test
    void theProcessHasPlatformBeans() throws Exception {
        MBeanServer platform = ManagementFactory.getPlatformMBeanServer();

        assertThat(platform.isRegistered(new ObjectName(ManagementFactory.RUNTIME_MXBEAN_NAME)))
                .isTrue();
    }

    @Test
    void theProcessHasTls() throws Exception {
        SSLContext context = SSLContext.getDefault();

        assertThat(context.getSupportedSSLParameters().getProtocols()).contains("TLSv1.3", "TLSv1.2");
        assertThat(context.createSSLEngine().getSupportedCipherSuites()).contains("TLS_AES_128_GCM_SHA256");
        assertThat(((SSLServerSocketFactory) SSLServerSocketFactory.getDefault()).getSupportedCipherSuites())
                .contains("TLS_AES_128_GCM_SHA256");
    }
}
