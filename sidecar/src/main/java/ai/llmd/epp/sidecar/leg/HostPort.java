package ai.llmd.epp.sidecar.leg;

import ai.llmd.epp.sidecar.upstream.LegStage;
import ai.llmd.epp.sidecar.upstream.Target;
import org.jspecify.annotations.Nullable;

/** Parts of the addresses in headers, which may have a scheme before them. */
public final class HostPort {

  private HostPort() {}

  /** Host and port without a scheme; an IPv6 number with brackets where it has a port. */
  public static String normalized(String address) {
    String rest = withoutScheme(address);
    Target target = Target.parse(rest, LegStage.PREFILL, null);
    return target == null ? rest : target.authority();
  }

  /** The host as it is written, without scheme, port and brackets. */
  public static String host(String address) {
    String rest = withoutScheme(address);
    if (rest.startsWith("[")) {
      int end = rest.indexOf(']');
      return end < 0 ? rest : rest.substring(1, end);
    }
    int colon = rest.indexOf(':');
    return colon < 0 || rest.indexOf(':', colon + 1) > 0 ? rest : rest.substring(0, colon);
  }

  /** The port; -1 when there is none that can be read. */
  public static int port(String address) {
    String rest = withoutScheme(address);
    Target target = Target.parse(rest, LegStage.PREFILL, null);
    boolean isGiven = rest.startsWith("[") ? rest.contains("]:") : rest.contains(":");
    return target != null && isGiven ? target.port() : -1;
  }

  private static String withoutScheme(String address) {
    int scheme = address.indexOf("://");
    return scheme < 0 ? address : address.substring(scheme + 3);
  }

  /** Whether there is a host and something behind its colon, whether or not that is a port. */
  public static boolean isWhole(@Nullable String address) {
    if (address == null) {
      return false;
    }
    String rest = withoutScheme(address);
    if (rest.startsWith("[")) {
      int end = rest.indexOf(']');
      return end > 1 && rest.startsWith("]:", end);
    }
    int colon = rest.indexOf(':');
    return colon > 0 && rest.indexOf(':', colon + 1) < 0;
  }
}
