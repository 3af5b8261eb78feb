package ai.llmd.epp.domain.scheduling.filter;

import ai.llmd.epp.domain.catalogue.NoParameters;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.catalogue.Stability;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.scheduling.Filter;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.List;

/**
 * Keeps the endpoints that serve one stage of disaggregated inference, by their label {@value
 * #ROLE_LABEL}.
 *
 * <p>{@code decode-filter} also keeps endpoints without the label, which serve whole requests; the
 * others drop them. A label that is there but empty, or has an unknown value, is dropped by all.
 */
public final class RoleFilter implements Filter {

  private static final String ROLE_LABEL = "llm-d.ai/role";

  private static final ByLabelFilter.Parameters DECODE =
      roles(true, "decode", "prefill-decode", "both", "encode-prefill-decode");

  private static final ByLabelFilter DECODING = new ByLabelFilter(DECODE);

  public static final PluginType<NoParameters> DECODE_TYPE = type("decode-filter", DECODE);

  public static final PluginType<NoParameters> PREFILL_TYPE =
      type(
          "prefill-filter",
          roles(
              false,
              "prefill",
              "encode-prefill",
              "prefill-decode",
              "both",
              "encode-prefill-decode"));

  public static final PluginType<NoParameters> ENCODE_TYPE =
      type("encode-filter", roles(false, "encode", "encode-prefill", "encode-prefill-decode"));

  private final ByLabelFilter byLabel;

  private RoleFilter(ByLabelFilter.Parameters roles) {
    this.byLabel = new ByLabelFilter(roles);
  }

  /** All three report themselves as the filter that they once were, as dashboards expect. */
  private static PluginType<NoParameters> type(String name, ByLabelFilter.Parameters kept) {
    return new PluginType<>(
        name,
        new NoParameters(),
        (parameters, context) -> new RoleFilter(kept),
        Stability.BETA,
        ByLabelFilter.TYPE.reportedAs(),
        null,
        null);
  }

  private static ByLabelFilter.Parameters roles(boolean keepsUnlabelled, String... roles) {
    return new ByLabelFilter.Parameters(ROLE_LABEL, List.of(roles), keepsUnlabelled);
  }

  /** Those that {@code decode-filter} keeps: they serve clients, in whatever stages. */
  public static Candidates decoding(Candidates candidates) {
    return DECODING.kept(candidates);
  }

  @Override
  public Candidates filter(SchedulingCycle cycle) {
    return byLabel.filter(cycle);
  }
}
