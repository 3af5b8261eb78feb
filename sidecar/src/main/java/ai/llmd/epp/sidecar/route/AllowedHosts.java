package ai.llmd.epp.sidecar.route;

/** Which servers a request may send this one to. Any thread. */
public interface AllowedHosts {

  /** Whether a host, a name or number without port and brackets, may be asked. */
  boolean isAllowed(String host);

  /** Those of both. */
  default AllowedHosts or(AllowedHosts other) {
    return host -> isAllowed(host) || other.isAllowed(host);
  }

  /** Every host. */
  static AllowedHosts all() {
    return host -> true;
  }
}
