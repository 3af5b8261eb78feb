package ai.llmd.epp.application;

import ai.llmd.epp.application.producer.RequestIdentifier;
import ai.llmd.epp.domain.calls.Called;
import ai.llmd.epp.domain.calls.PluginCalls;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.request.ReceivedRequest;
import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.routing.RequestRefused;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Calls each identifier, one after another, before the request is admitted. The first that throws
 * ends the request: to admit it under a wrong name would let it take another client's turn.
 */
public final class IdentifierChain {

  static final String EXTENSION_POINT = "RequestHeader";

  private final List<Named<RequestIdentifier>> identifiers;
  private final PluginCalls calls;

  /**
   * @param identifiers in configuration order
   */
  public IdentifierChain(List<Named<RequestIdentifier>> identifiers, PluginCalls calls) {
    this.identifiers = List.copyOf(identifiers);
    this.calls = calls;
  }

  /**
   * Fills the facts and notes each step that succeeded.
   *
   * @return null when the request may go on
   */
  @Nullable Refusal identify(ReceivedRequest request, Facts facts, List<Evidence.Step> steps) {
    for (Named<RequestIdentifier> identifier : identifiers) {
      Called<Boolean> called =
          calls.run(EXTENSION_POINT, identifier, plugin -> plugin.identify(request, facts));
      if (called instanceof Called.Threw<Boolean> threw) {
        return refusal(threw);
      }
      steps.add(Evidence.Step.of(EXTENSION_POINT, identifier, called));
    }
    return null;
  }

  private static Refusal refusal(Called.Threw<Boolean> threw) {
    return threw.failure() instanceof RequestRefused refused
        ? new Refusal(refused.reason(), refused.detail())
        : new Refusal(Reason.INTERNAL, threw.plugin() + " " + threw.degraded());
  }
}
