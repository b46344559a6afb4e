package dev.tidemark.zookeeper;

import java.lang.management.ManagementFactory;
import javax.management.MBeanServerBuilder;
import javax.management.MBeanServerDelegate;
import org.apache.zookeeper.jmx.MBeanRegistry;

/// Gives ZooKeeper's [MBeanRegistry], which asks for the platform's MBean server when its class is loaded, an empty one
/// instead. The platform's holds the flight recorder's bean, and to make that one takes a third of a broker's start:
/// it reads the recorder's settings and views.
///
/// The registry takes another server when the platform's ends in an [Error]. Only while [#makeRegistry] runs does this
/// class build MBean servers; whoever asks for the platform's later gets it.
public final class PlainBeanServers extends MBeanServerBuilder {
    private static final String BUILDER = "javax.management.builder.initial";
    private static final StackWalker STACK = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

    /// For JMX, by name.
    public PlainBeanServers() {}

    /// Loads ZooKeeper's registry, and puts one into its place that registers nothing.
    static void makeRegistry() {
        String before = System.setProperty(BUILDER, PlainBeanServers.class.getName());
        try {
            MBeanRegistry.setInstance(new NoBeans());
        } finally {
            if (before == null) System.clearProperty(BUILDER);
            else System.setProperty(BUILDER, before);
        }
    }

    @Override
    public MBeanServerDelegate newMBeanServerDelegate() {
        boolean isForPlatform =
                STACK.walk(frames -> frames.anyMatch(frame -> frame.getDeclaringClass() == ManagementFactory.class));
        if (isForPlatform) throw new Error("the platform's beans are not wanted here");
        return super.newMBeanServerDelegate();
    }
}
