package ai.llmd.epp.domain.scheduling.scorer;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scorer;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.Locale;

/**
 * Prefers endpoints whose label has the value of a header of the request, such as a region: 1 when
 * both are exactly equal, else 0. A request without the header, or with an empty one, prefers none.
 */
public final class HeaderLabelAffinityScorer implements Scorer {

  public static final PluginType<Parameters> TYPE =
      PluginType.of(
              "header-label-affinity-scorer",
              new Parameters("", ""),
              HeaderLabelAffinityScorer::new)
          .alpha();

  /**
   * What is compared with what. Both are required.
   *
   * @param headerName request header, in any case
   * @param labelKey label of the endpoints
   */
  public record Parameters(String headerName, String labelKey) {}

  private final String header;
  private final String label;

  /**
   * @throws IllegalArgumentException when a parameter is empty
   */
  public HeaderLabelAffinityScorer(Parameters parameters) {
    if (parameters.headerName().isEmpty()) {
      throw new IllegalArgumentException("headerName is required");
    }
    if (parameters.labelKey().isEmpty()) {
      throw new IllegalArgumentException("labelKey is required");
    }
    this.header = parameters.headerName().toLowerCase(Locale.ROOT);
    this.label = parameters.labelKey();
  }

  @Override
  public Scores score(SchedulingCycle cycle) {
    String wanted = cycle.request().headers().value(header);
    if (wanted == null || wanted.isEmpty()) {
      return Scores.all(cycle, 0);
    }
    return Scores.of(
        cycle, candidate -> wanted.equals(candidate.endpoint().labels().get(label)) ? 1 : 0);
  }
}
