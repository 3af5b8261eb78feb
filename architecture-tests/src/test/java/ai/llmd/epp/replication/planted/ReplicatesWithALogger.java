package ai.llmd.epp.replication.planted;

import org.slf4j.Logger;

/** Replication that knows more than the application. */
record ReplicatesWithALogger(Logger log) {}
