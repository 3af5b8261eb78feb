package ai.llmd.epp.adapter.state.hazelcast;

import com.hazelcast.config.ClassFilter;
import com.hazelcast.config.JavaSerializationFilterConfig;

/**
 * What may be made of bytes that others sent. The log and the map hold byte arrays, for which no
 * class is needed; members tell each other of failures, which are exceptions. Nothing else: no
 * task, no entry processor, no collection whose reading costs a core.
 */
final class HazelcastClasses {

  private HazelcastClasses() {}

  /**
   * @param acceptsClients whether clients bring the settings of the log and the map, which carry
   *     properties
   */
  static JavaSerializationFilterConfig filter(boolean acceptsClients) {
    ClassFilter allowed = failures();
    if (acceptsClients) {
      allowed.addClasses("java.util.Properties", "java.util.Hashtable");
    }
    return new JavaSerializationFilterConfig().setDefaultsDisabled(true).setWhitelist(allowed);
  }

  private static ClassFilter failures() {
    return new ClassFilter()
        .addPackages("com.hazelcast.spi.exception")
        .addClasses(
            "[Ljava.lang.StackTraceElement;",
            "java.lang.StackTraceElement",
            "java.lang.Throwable",
            "java.lang.Exception",
            "java.lang.RuntimeException",
            "java.lang.Error",
            "java.lang.IllegalArgumentException",
            "java.lang.IllegalStateException",
            "java.lang.InterruptedException",
            "java.lang.NullPointerException",
            "java.lang.SecurityException",
            "java.lang.UnsupportedOperationException",
            "java.io.IOException",
            "java.io.EOFException",
            "java.util.Collections$EmptyList",
            "java.util.concurrent.CancellationException",
            "java.util.concurrent.CompletionException",
            "java.util.concurrent.ExecutionException",
            "java.util.concurrent.TimeoutException",
            "com.hazelcast.cluster.MemberLeftException",
            "com.hazelcast.core.HazelcastException",
            "com.hazelcast.core.HazelcastInstanceNotActiveException",
            "com.hazelcast.core.HazelcastOverloadException",
            "com.hazelcast.core.IndeterminateOperationStateException",
            "com.hazelcast.core.MemberLeftException",
            "com.hazelcast.core.OperationTimeoutException",
            "com.hazelcast.nio.serialization.HazelcastSerializationException",
            "com.hazelcast.partition.NoDataMemberInClusterException",
            "com.hazelcast.ringbuffer.StaleSequenceException",
            "com.hazelcast.splitbrainprotection.SplitBrainProtectionException");
  }
}
