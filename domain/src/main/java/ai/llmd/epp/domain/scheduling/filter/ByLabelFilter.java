package ai.llmd.epp.domain.scheduling.filter;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.catalogue.Stability;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.scheduling.Filter;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.List;
import java.util.Set;

/**
 * Keeps the endpoints whose label has one of the valid values. Deprecated: {@link
 * LabelSelectorFilter} can say the same.
 *
 * <p>A missing label counts as an empty value, so that {@code ""} among the valid values keeps
 * endpoints without the label, too.
 */
public final class ByLabelFilter implements Filter {

  public static final PluginType<Parameters> TYPE =
      new PluginType<>(
          "by-label",
          new Parameters("", List.of(), false),
          (parameters, context) -> new ByLabelFilter(parameters),
          Stability.BETA,
          "by-label",
          LabelSelectorFilter.TYPE.name(),
          null);

  /**
   * Which label, and what it may say.
   *
   * @param label key of the label; required
   * @param validValues values that are kept; may be empty only when {@code allowsNoLabel} is set
   * @param allowsNoLabel whether endpoints without the label are kept whatever the values
   */
  public record Parameters(String label, List<String> validValues, boolean allowsNoLabel) {

    public Parameters {
      validValues = List.copyOf(validValues);
    }
  }

  private final String label;
  private final Set<String> validValues;
  private final boolean allowsNoLabel;

  /**
   * @throws IllegalArgumentException when the label is missing, or nothing could ever be kept
   */
  public ByLabelFilter(Parameters parameters) {
    if (parameters.label().isEmpty()) {
      throw new IllegalArgumentException("label is required");
    }
    if (parameters.validValues().isEmpty() && !parameters.allowsNoLabel()) {
      throw new IllegalArgumentException("validValues is required unless allowsNoLabel is set");
    }
    this.label = parameters.label();
    this.validValues = Set.copyOf(parameters.validValues());
    this.allowsNoLabel = parameters.allowsNoLabel() || validValues.contains("");
  }

  @Override
  public Candidates filter(SchedulingCycle cycle) {
    return kept(cycle.candidates());
  }

  Candidates kept(Candidates candidates) {
    return candidates.where(
        candidate -> {
          String value = candidate.endpoint().labels().get(label);
          return value == null ? allowsNoLabel : validValues.contains(value);
        });
  }
}
