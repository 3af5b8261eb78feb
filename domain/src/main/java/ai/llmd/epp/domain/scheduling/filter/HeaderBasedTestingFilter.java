package ai.llmd.epp.domain.scheduling.filter;

import ai.llmd.epp.domain.catalogue.NoParameters;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.scheduling.Filter;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the endpoints that the request names in header {@value #HEADER}, in the header's order: for
 * conformance tests.
 *
 * <p>The header holds {@code IP} or {@code IP:port} entries, separated by commas, IPv6 bare or in
 * brackets. An entry without port means the last candidate with that address. One endpoint per
 * address is kept; unknown entries are skipped; without the header nothing is kept.
 */
public final class HeaderBasedTestingFilter implements Filter {

  private static final String HEADER = "test-epp-endpoint-selection";

  public static final PluginType<NoParameters> TYPE =
      PluginType.of("header-based-testing-filter", HeaderBasedTestingFilter::new);

  @Override
  public Candidates filter(SchedulingCycle cycle) {
    String selection = cycle.request().headers().value(HEADER);
    Map<String, Candidate> byAddress = new LinkedHashMap<>();
    for (String entry : selection == null ? new String[0] : selection.split(",", -1)) {
      Candidate found = find(cycle.candidates(), entry.trim());
      if (found != null) {
        byAddress.putIfAbsent(found.endpoint().address(), found);
      }
    }
    Candidate[] kept = byAddress.values().toArray(Candidate[]::new);
    return cycle.candidates().select(kept, kept.length);
  }

  private static @Nullable Candidate find(Candidates candidates, String entry) {
    Candidate found = null;
    for (Candidate candidate : candidates) {
      Endpoint endpoint = candidate.endpoint();
      if (entry.equals(endpoint.hostPort())) {
        return candidate;
      }
      if (withoutBrackets(entry).equals(endpoint.address())) {
        found = candidate;
      }
    }
    return found;
  }

  private static String withoutBrackets(String address) {
    return address.startsWith("[") && address.endsWith("]")
        ? address.substring(1, address.length() - 1)
        : address;
  }
}
