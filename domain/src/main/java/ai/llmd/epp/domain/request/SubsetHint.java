package ai.llmd.epp.domain.request;

import java.util.Set;

/**
 * Which endpoints the gateway allows for a request: metadata {@code envoy.lb.subset_hint} / {@code
 * x-gateway-destination-endpoint-subset}.
 *
 * @param isRestricted false: every endpoint may serve
 * @param addresses IP addresses without port and without brackets; empty and restricted: none may
 */
public record SubsetHint(boolean isRestricted, Set<String> addresses) {

  public static final SubsetHint ALL = new SubsetHint(false, Set.of());

  public SubsetHint {
    addresses = Set.copyOf(addresses);
  }

  public static SubsetHint only(Set<String> addresses) {
    return new SubsetHint(true, addresses);
  }

  public boolean allows(String address) {
    return !isRestricted || addresses.contains(address);
  }
}
