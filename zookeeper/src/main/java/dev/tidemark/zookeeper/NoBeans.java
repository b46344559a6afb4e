package dev.tidemark.zookeeper;

import java.util.Set;
import org.apache.zookeeper.jmx.MBeanRegistry;
import org.apache.zookeeper.jmx.ZKMBeanInfo;

/// Keeps a member's beans out of JMX: to describe them to it takes a third of a second of the start.
final class NoBeans extends MBeanRegistry {
    @Override
    public void register(ZKMBeanInfo bean, ZKMBeanInfo parent) {}

    @Override
    public void unregister(ZKMBeanInfo bean) {}

    @Override
    public Set<ZKMBeanInfo> getRegisteredBeans() {
        return Set.of();
    }
}
