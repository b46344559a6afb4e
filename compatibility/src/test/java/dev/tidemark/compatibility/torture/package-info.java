/// A broker's logs under kills, small segments, retention, compaction and full disks at the same time.
@NullMarked
package dev.tidemark.compatibility.torture;

import org.jspecify.annotations.NullMarked;
