package ai.llmd.epp.sidecar.connector;

import java.time.Duration;
import java.util.List;

/**
 * Engines that write their blocks to another's memory (MoRI-IO).
 *
 * @param isWriting whether they do
 * @param isParallel whether both are asked at once
 * @param longestWait for the prefill server, when both are asked at once
 * @param localHost this pod's address, as others reach it
 * @param ranks data-parallel ranks of all pods together
 * @param localRanks ranks of each pod; 0 when it is not told
 * @param prefillHosts the pods of the prefill side
 * @param decodeHosts the pods of the decode side
 * @param freshFor how long the number of a name serves before it is asked for again
 * @param longestLookup that a name service may take
 */
public record MoriSettings(
    boolean isWriting,
    boolean isParallel,
    Duration longestWait,
    String localHost,
    int decodeNotifyPort,
    int prefillNotifyPort,
    int decodeHandshakePort,
    int prefillHandshakePort,
    int tensorParallelSize,
    int ranks,
    int localRanks,
    List<String> prefillHosts,
    List<String> decodeHosts,
    Duration freshFor,
    Duration longestLookup) {

  public MoriSettings {
    prefillHosts = List.copyOf(prefillHosts);
    decodeHosts = List.copyOf(decodeHosts);
  }
}
