package ai.llmd.epp.sidecar.connector;

import ai.llmd.epp.sidecar.trace.ConnectorNames;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * Which connectors there are, and how they work.
 *
 * @param mooncakeBootstrapPort of prefill servers
 * @param sglangBootstrapPort of prefill servers
 * @param p2pPort of the engines' peer-to-peer tier, of rank 0
 * @param isPulling whether engines fetch what others have cached of a prompt
 * @param prefillRetries attempts after the first, with a busy prefill server
 * @param longestPrefill after which a prompt is computed in the pod; 0 for never, and for errors of
 *     a prefill server to be the client's
 * @param decodeChunkSize tokens of a piece; 0 to have answers made at once
 * @param firstListenPort the sidecar's port of rank 0
 * @param ranks data-parallel ranks in this pod
 * @param podIp empty when it is not known
 */
public record ConnectorSettings(
    Kv kv,
    Ec ec,
    int mooncakeBootstrapPort,
    int sglangBootstrapPort,
    int p2pPort,
    boolean isPulling,
    int prefillRetries,
    Duration prefillBackoff,
    Duration longestPrefill,
    int decodeChunkSize,
    int firstListenPort,
    int ranks,
    String podIp,
    MoriSettings mori) {

  /** How the cache of a prompt gets to the decode server. */
  public enum Kv {
    NIXL_V2("nixlv2"),
    SHARED_STORAGE("shared-storage"),
    SGLANG("sglang"),
    MOONCAKE("mooncake"),
    OFFLOADING("offloading");

    private final String flag;

    Kv(String flag) {
      this.flag = flag;
    }

    /** As in {@code --kv-connector}. */
    public String flag() {
      return flag;
    }

    public static List<String> flags() {
      return Arrays.stream(values()).map(Kv::flag).toList();
    }

    /**
     * The one that a flag names.
     *
     * @throws IllegalArgumentException for a name that is none
     */
    public static Kv named(String flag) {
      return Arrays.stream(values())
          .filter(value -> value.flag.equals(flag))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "must be one of " + String.join(", ", flags()) + ", was \"" + flag + '"'));
    }
  }

  /** How encodings of pictures get to the other engines. */
  public enum Ec {
    NONE(""),
    EXAMPLE("ec-example"),
    NIXL("ec-nixl");

    private final String flag;

    Ec(String flag) {
      this.flag = flag;
    }

    /** As in {@code --ec-connector}; empty for none. */
    public String flag() {
      return flag;
    }
  }

  /** What spans show of them. */
  public ConnectorNames names() {
    boolean isParallel = kv == Kv.NIXL_V2 && mori.isParallel();
    boolean hasLongNames = kv == Kv.MOONCAKE || kv == Kv.OFFLOADING || isParallel;
    return new ConnectorNames(
        kv.flag, ec.flag(), kv == Kv.SGLANG || hasLongNames, isParallel, hasLongNames);
  }

  /** Whether a header that names a server with cached blocks is of use. */
  public boolean usesSources() {
    return kv == Kv.OFFLOADING || (kv == Kv.NIXL_V2 && isPulling);
  }
}
