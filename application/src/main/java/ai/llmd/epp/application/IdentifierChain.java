package ai.llmd.epp.application;

import ai.llmd.epp.application.port.out.PluginFaults;
import ai.llmd.epp.application.producer.RequestIdentifier;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.routing.RequestRefused;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks each identifier who a request belongs to, one after another, before the request is admitted.
 * The first that throws ends the request: to admit it under a wrong name would let it take somebody
 * else's turn.
 */
public final class IdentifierChain {

  static final String EXTENSION_POINT = "RequestHeader";

  private final List<Named<RequestIdentifier>> identifiers;
  private final PluginFaults faults;
  private final LongSupplier nanoClock;

  /**
   * @param identifiers in configuration order
   */
  public IdentifierChain(
      List<Named<RequestIdentifier>> identifiers, PluginFaults faults, LongSupplier nanoClock) {
    this.identifiers = List.copyOf(identifiers);
    this.faults = faults;
    this.nanoClock = nanoClock;
  }

  /**
   * Fills the facts and notes each step that succeeded.
   *
   * @return null when the request may go on
   */
  @Nullable Refusal identify(InferenceRequest request, Facts facts, List<Evidence.Step> steps) {
    for (Named<RequestIdentifier> identifier : identifiers) {
      long startedAt = nanoClock.getAsLong();
      try {
        identifier.plugin().identify(request, facts);
      } catch (Throwable thrown) {
        RuntimeException e = Failures.contain(thrown);
        faults.failed(EXTENSION_POINT, identifier.name(), identifier.type(), e);
        return refusal(identifier, e);
      }
      steps.add(
          new Evidence.Step(
              EXTENSION_POINT,
              identifier.name(),
              identifier.type(),
              nanoClock.getAsLong() - startedAt,
              ""));
    }
    return null;
  }

  private static Refusal refusal(Named<RequestIdentifier> identifier, RuntimeException cause) {
    return cause instanceof RequestRefused refused
        ? new Refusal(refused.reason(), refused.detail())
        : new Refusal(
            Reason.INTERNAL,
            "%s \"%s\" %s".formatted(EXTENSION_POINT, identifier, Failures.reason(cause)));
  }
}
