/// The metadata store on Apache ZooKeeper through Curator; the embedded server.
@NullMarked
package dev.tidemark.zookeeper;

import org.jspecify.annotations.NullMarked;
