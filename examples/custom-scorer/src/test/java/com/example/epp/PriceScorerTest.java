package com.example.epp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.request.ReceivedBody;
import ai.llmd.epp.domain.request.ReceivedRequest;
import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.domain.request.RoutingHints;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scores;
import com.example.epp.PriceScorer.Parameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class PriceScorerTest {

  private static final PriceScorer SCORER =
      new PriceScorer(
          new Parameters("capacity", Map.of("reserved", 0.0, "spot", 1.0, "on-demand", 4.0), 4));

  @Test
  void prefersTheCheaperCapacity() {
    SchedulingCycle cycle =
        cycle(
            Map.of("capacity", "on-demand"),
            Map.of("capacity", "reserved"),
            Map.of("capacity", "spot"));

    assertArrayEquals(new double[] {0, 1, 0.75}, scores(cycle));
  }

  @Test
  void takesAnotherPriceForWhatItDoesNotKnow() {
    SchedulingCycle cycle =
        cycle(Map.of(), Map.of("capacity", "borrowed"), Map.of("capacity", "spot"));

    assertArrayEquals(new double[] {0, 0, 1}, scores(cycle));
  }

  @Test
  void likesAllTheSameWhenTheyCostTheSame() {
    assertArrayEquals(new double[] {1, 1}, scores(cycle(Map.of(), Map.of())));
  }

  @Test
  void refusesPricesThatAreNone() {
    for (double price : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
      var refused =
          assertThrows(
              IllegalArgumentException.class,
              () -> new Parameters("capacity", Map.of("spot", price), 1));
      assertEquals("prices.spot must be 0 or more, was " + price, refused.getMessage());
    }
  }

  @Test
  void isFoundAsTheProgramFindsIt() {
    assertTrue(
        ServiceLoader.load(PluginCatalogue.class).stream()
            .flatMap(catalogue -> catalogue.get().types().stream())
            .anyMatch(PriceScorer.TYPE::equals));
  }

  private static double[] scores(SchedulingCycle cycle) {
    Scores scores = SCORER.score(cycle);
    double[] inOrder = new double[cycle.candidates().size()];
    for (int i = 0; i < inOrder.length; i++) {
      inOrder[i] = scores.at(cycle.candidates().get(i).slot());
    }
    return inOrder;
  }

  /** A cycle of a request without a prompt over endpoints with these labels. */
  @SafeVarargs
  private static SchedulingCycle cycle(Map<String, String>... labels) {
    List<Candidate> candidates = new ArrayList<>();
    for (int slot = 0; slot < labels.length; slot++) {
      var id = new EndpointId("default", "pod-" + slot);
      var endpoint = Endpoint.of(id, "192.0.2." + (slot + 1), 8000, labels[slot]);
      candidates.add(new Candidate(slot, endpoint, EndpointLoad.UNSAMPLED));
    }
    return new SchedulingCycle(
        request(),
        Candidates.of(candidates.size(), candidates),
        new Facts(),
        new Random(1), // every run of a test has the same luck
        0);
  }

  private static InferenceRequest request() {
    return new InferenceRequest(
        new ReceivedRequest(
            "request-1",
            RequestHeaders.NONE,
            new ReceivedBody(ApiKind.NONE, "model", false, false, -1, List.of(), "", 0),
            RoutingHints.NONE),
        "model",
        0,
        "");
  }
}
