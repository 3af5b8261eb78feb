package ai.llmd.epp.domain.scheduling.handler;

import ai.llmd.epp.domain.calls.PluginCalls;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.routing.HeaderChanges;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.scheduling.CycleFixture;
import ai.llmd.epp.domain.scheduling.Filter;
import ai.llmd.epp.domain.scheduling.Picker;
import ai.llmd.epp.domain.scheduling.ProfileEvidence;
import ai.llmd.epp.domain.scheduling.ProfileHandler;
import ai.llmd.epp.domain.scheduling.Scheduler;
import ai.llmd.epp.domain.scheduling.Scheduler.Verdict;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.SchedulingProfile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A handler's work for one request: which profiles ran, what came out, what headers say. */
record StagedRun(SchedulingCycle cycle, Verdict verdict, HeaderChanges headers) {

  /** Profiles that pick the endpoints in given slots, or fail when there are none. */
  static final class Profiles {

    private final List<SchedulingProfile> profiles = new ArrayList<>();

    Profiles picking(String name, Integer... slots) {
      List<Integer> wanted = Arrays.asList(slots);
      Filter chosen = cycle -> cycle.candidates().where(c -> wanted.contains(c.slot()));
      Picker all = (cycle, totals) -> cycle.candidates();
      profiles.add(
          new SchedulingProfile(
              name,
              List.of(new Named<>("chosen", "test", chosen)),
              List.of(),
              new Named<>("all", "test", all)));
      return this;
    }

    Profiles failing(String name) {
      return picking(name);
    }

    /** Four idle endpoints. */
    StagedRun run(ProfileHandler handler) {
      return run(handler, new CycleFixture().idle(4).build());
    }

    StagedRun run(ProfileHandler handler, SchedulingCycle cycle) {
      var named = new Named<>("handler", "test", handler);
      Verdict verdict =
          new Scheduler(profiles, named, PluginCalls.timedBy(() -> 0)).schedule(cycle);
      HeaderChanges headers = new HeaderChanges();
      if (verdict instanceof Verdict.Scheduled scheduled && handler instanceof PreRequest writer) {
        writer.onRouted(
            new RoutedRequest(
                cycle.request(),
                cycle.facts(),
                scheduled.primaryProfile(),
                scheduled.primary(),
                scheduled.results(),
                headers));
      }
      return new StagedRun(cycle, verdict, headers);
    }
  }

  static Profiles profiles() {
    return new Profiles();
  }

  /** Names of the profiles in the order in which they ran. */
  List<String> ran() {
    return verdict.evidence().stream().map(ProfileEvidence::profile).toList();
  }

  String primary() {
    return ((Verdict.Scheduled) verdict).primaryProfile();
  }

  Verdict.Scheduled scheduled() {
    return (Verdict.Scheduled) verdict;
  }

  /** Where each profile with a result would send the request. */
  Map<String, List<String>> results() {
    Map<String, List<String>> byProfile = new LinkedHashMap<>();
    var results = ((Verdict.Scheduled) verdict).results();
    for (String profile : results.profiles()) {
      List<String> hosts = new ArrayList<>();
      for (Candidate pick : results.find(profile).orElseThrow().picks()) {
        hosts.add(pick.endpoint().hostPort());
      }
      byProfile.put(profile, hosts);
    }
    return byProfile;
  }

  /** Why nothing was scheduled. */
  String failure() {
    return switch (verdict) {
      case Verdict.Failed(String detail, var ignored) -> detail;
      case Verdict.AllFiltered(String profile, var ignored) -> "all filtered in " + profile;
      case Verdict.Scheduled scheduled -> throw new AssertionError("scheduled: " + scheduled);
    };
  }

  /** Ranks of one pod at 10.0.0.1, ports from 8000 upwards. */
  static SchedulingCycle ranks() {
    CycleFixture cycle = new CycleFixture();
    for (int rank = 0; rank < 4; rank++) {
      var id = new EndpointId("default", "pod-rank-" + rank);
      cycle.endpoint(Endpoint.of(id, "10.0.0.1", 8000 + rank, Map.of()), EndpointLoad.UNSAMPLED);
    }
    return cycle.build();
  }
}
