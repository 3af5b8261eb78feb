package ai.llmd.epp.benchmark;

import ai.llmd.epp.application.Admission;
import ai.llmd.epp.application.LivePool;
import ai.llmd.epp.application.flow.FlowAdmission;
import ai.llmd.epp.application.flow.FlowController;
import ai.llmd.epp.application.flow.FlowRules;
import ai.llmd.epp.application.port.out.FlowObserver;
import ai.llmd.epp.application.port.out.ThreadObserver;
import ai.llmd.epp.application.waiting.Budget;
import ai.llmd.epp.application.waiting.WaitingRules;
import ai.llmd.epp.domain.calls.PluginCalls;
import ai.llmd.epp.domain.calls.PluginFaults;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.flow.BandSettings;
import ai.llmd.epp.domain.flow.FlowSettings;
import ai.llmd.epp.domain.flow.fairness.GlobalStrictFairness;
import ai.llmd.epp.domain.flow.limit.StaticUsageLimit;
import ai.llmd.epp.domain.flow.ordering.FcfsOrdering;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.request.ReceivedBody;
import ai.llmd.epp.domain.request.ReceivedRequest;
import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.domain.request.RoutingHints;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** What a request costs that waits in flow control, beside its body. */
@Command(name = "flow-memory", description = "Prints the bytes of a request that waits.")
final class FlowMemory implements Callable<Integer> {

  private static final int REQUESTS = 50_000;

  @Override
  public Integer call() throws Exception {
    try (FlowController controller = saturated().start()) {
      Admission admission = new FlowAdmission(controller);
      List<Admission.Queued> queued = new ArrayList<>(REQUESTS);
      List<InferenceRequest> requests = new ArrayList<>(); // not counted: they are there anyhow
      for (int i = 0; i < REQUESTS; i++) {
        requests.add(request(i));
      }
      long before = Heap.used();
      for (InferenceRequest request : requests) {
        queued.add(queue(admission, request));
      }
      System.out.println((Heap.used() - before) / REQUESTS);
      controller.close();
      for (Admission.Queued each : queued) {
        each.rest().await();
      }
    }
    return 0;
  }

  /** As a stream holds it. */
  private static Admission.Queued queue(Admission admission, InferenceRequest request) {
    var nowhere = Candidates.of(0, List.of());
    var outcome = admission.admit(request, new Facts(), nowhere, budget(request), 0);
    if (!(outcome instanceof Admission.Queued queued)) {
      throw new IllegalStateException("the queues take no request");
    }
    queued.place().take(() -> {});
    return queued;
  }

  private static Budget budget(InferenceRequest request) {
    long now = System.nanoTime();
    return new Budget(now, now, request.received(), WaitingRules.DEFAULT, System::nanoTime);
  }

  private static FlowController saturated() {
    var band =
        new BandSettings(
            REQUESTS,
            Long.MAX_VALUE,
            0,
            new Named<>("strict", "strict", new GlobalStrictFairness()),
            new Named<>("fcfs", "fcfs", new FcfsOrdering()));
    var limit = new StaticUsageLimit(StaticUsageLimit.TYPE.defaults());
    var settings =
        new FlowSettings(
            0, 0, 0, new Named<>("static", "static", limit), Map.of(0, band), band, band);
    return new FlowController(
        new FlowRules(settings, new Named<>("full", "full", (candidates, nowNanos) -> 1), false, 0),
        new LivePool("pool", List.of(), PluginFaults.IGNORED),
        PluginCalls.timedBy(System::nanoTime),
        FlowObserver.NONE,
        ThreadObserver.NONE,
        System::nanoTime);
  }

  private static InferenceRequest request(int number) {
    return new InferenceRequest(
        new ReceivedRequest(
            "request-" + number,
            RequestHeaders.NONE,
            new ReceivedBody(ApiKind.NONE, "m", false, false, -1, List.of(), "", 1_000),
            RoutingHints.NONE),
        "m",
        0,
        "flow-" + number % 1_000);
  }
}
