package ai.llmd.epp.domain.scheduling.filter;

import ai.llmd.epp.domain.catalogue.NoParameters;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.catalogue.Stability;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.scheduling.Filter;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.Set;

/**
 * Keeps the endpoints that serve one stage of disaggregated inference, by their label {@value
 * #ROLE_LABEL}.
 *
 * <p>{@code decode-filter} also keeps endpoints without the label, which serve whole requests; the
 * others drop them. A label that is there but empty, or says anything unknown, is dropped by all.
 */
public final class RoleFilter implements Filter {

  private static final String ROLE_LABEL = "llm-d.ai/role";

  public static final PluginType<NoParameters> DECODE_TYPE =
      type("decode-filter", true, "decode", "prefill-decode", "both", "encode-prefill-decode");

  public static final PluginType<NoParameters> PREFILL_TYPE =
      type(
          "prefill-filter",
          false,
          "prefill",
          "encode-prefill",
          "prefill-decode",
          "both",
          "encode-prefill-decode");

  public static final PluginType<NoParameters> ENCODE_TYPE =
      type("encode-filter", false, "encode", "encode-prefill", "encode-prefill-decode");

  private final boolean keepsUnlabelled;
  private final Set<String> roles;

  private RoleFilter(boolean keepsUnlabelled, Set<String> roles) {
    this.keepsUnlabelled = keepsUnlabelled;
    this.roles = roles;
  }

  /** All three report themselves as the filter that they once were, as dashboards expect. */
  private static PluginType<NoParameters> type(
      String name, boolean keepsUnlabelled, String... roles) {
    return new PluginType<>(
        name,
        new NoParameters(),
        (parameters, context) -> new RoleFilter(keepsUnlabelled, Set.of(roles)),
        Stability.BETA,
        ByLabelFilter.TYPE.reportedAs(),
        null,
        null);
  }

  @Override
  public Candidates filter(SchedulingCycle cycle) {
    return cycle
        .candidates()
        .where(
            candidate -> {
              String role = candidate.endpoint().labels().get(ROLE_LABEL);
              return role == null ? keepsUnlabelled : roles.contains(role);
            });
  }
}
