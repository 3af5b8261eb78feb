package ai.llmd.epp.application.rollout;

import ai.llmd.epp.domain.scheduling.filter.LabelSelectorFilter;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The groups of {@link RolloutScreener.Parameters}. */
public final class RolloutParameters {

  private RolloutParameters() {}

  /**
   * The pods that count.
   *
   * @param labelSelector as Kubernetes has it, not empty
   */
  public record Scope(LabelSelectorFilter.Parameters labelSelector) {}

  /**
   * A header that names the value of a label. The response has it, too.
   *
   * @param name for metrics
   * @param headerName upper and lower case alike
   * @param labelKey the endpoint's label
   * @param mode {@code strict}: other endpoints are left out; {@code prefer}: they are not
   */
  public record HeaderSelector(String name, String headerName, String labelKey, String mode) {

    public HeaderSelector {
      headerName = headerName.toLowerCase(Locale.ROOT);
      notEmpty("name", name);
      notEmpty("headerName", headerName);
      notEmpty("labelKey", labelKey);
      if (!mode.equals("strict") && !mode.equals("prefer")) {
        throw new IllegalArgumentException("mode must be strict or prefer, was \"" + mode + '"');
      }
    }

    private static void notEmpty(String field, String value) {
      if (value.isEmpty()) {
        throw new IllegalArgumentException(field + " must be given");
      }
    }

    boolean isStrict() {
      return mode.equals("strict");
    }
  }

  /**
   * How requests are spread over revisions.
   *
   * @param mode {@code sum}: by the pods of all required roles; {@code max-role}: by those of the
   *     role that has most; {@code disabled}: not at all
   * @param revisionLabelKey label with a pod's revision
   * @param roleLabelKey label with a pod's role
   * @param requireRoles the roles without which a revision gets nothing
   */
  public record Gating(
      String mode, String revisionLabelKey, String roleLabelKey, Roles requireRoles) {

    static final String REVISION = "disaggregatedset.x-k8s.io/revision";
    static final String ROLE = "disaggregatedset.x-k8s.io/role";

    public Gating {
      if (!Set.of("", "sum", "max-role", "disabled").contains(mode)) {
        throw new IllegalArgumentException(
            "mode must be sum, max-role or disabled, was \"" + mode + '"');
      }
      revisionLabelKey = revisionLabelKey.isEmpty() ? REVISION : revisionLabelKey;
      roleLabelKey = roleLabelKey.isEmpty() ? ROLE : roleLabelKey;
    }

    boolean isActive() {
      return !mode.equals("disabled");
    }

    boolean isByLargestRole() {
      return mode.equals("max-role");
    }
  }

  /**
   * Roles of a disaggregated set.
   *
   * @param values each once
   */
  public record Roles(List<String> values) {

    public Roles {
      values = List.copyOf(values);
      if (new HashSet<>(values).size() < values.size() || values.contains("")) {
        throw new IllegalArgumentException("values must be different, and none empty");
      }
    }
  }
}
