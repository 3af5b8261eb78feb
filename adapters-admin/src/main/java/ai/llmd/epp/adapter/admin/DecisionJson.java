package ai.llmd.epp.adapter.admin;

import ai.llmd.epp.application.DecisionRecord;
import ai.llmd.epp.application.ProfileRecord;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.routing.Evicted;
import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.routing.FlowEvidence;
import ai.llmd.epp.domain.routing.Resolution;
import ai.llmd.epp.domain.routing.RewriteOrigin;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * Shows remembered decisions as JSON, always with the same keys in the same order, but for {@code
 * flow}, which is there where flow control was reached, and in it {@code madeRoom} and {@code
 * evictedFor}, which are there where a request was evicted. Unscored candidates have {@code null}
 * for a score, and servers for a load that they have never reported; times are in nanoseconds.
 */
final class DecisionJson {

  private DecisionJson() {}

  /** One decision as an object. */
  static String render(DecisionRecord decision) {
    JsonWriter json = new JsonWriter();
    decision(json, decision);
    return json.toString();
  }

  /** Several decisions as an array. */
  static String render(List<DecisionRecord> decisions) {
    JsonWriter json = new JsonWriter().beginArray();
    decisions.forEach(decision -> decision(json, decision));
    return json.endArray().toString();
  }

  private static void decision(JsonWriter json, DecisionRecord decision) {
    json.beginObject()
        .member("requestId", decision.labels().requestId())
        .member("time", Instant.ofEpochMilli(decision.decidedAtMillis()).toString())
        .member("model", decision.labels().incomingModel())
        .member("targetModel", decision.labels().targetModel())
        .member("priority", decision.labels().priority())
        .member("fairnessId", decision.labels().fairnessId());
    resolution(json, decision.resolution());
    outcome(json, decision);
    if (decision.flow() != null) {
      flow(json, decision.flow());
    }
    json.member("candidates", decision.candidates())
        .member("scheduleNanos", decision.scheduleNanos())
        .member("totalNanos", decision.totalNanos());
    json.name("steps").beginArray();
    for (Evidence.Step step : decision.steps()) {
      step(json, step);
    }
    json.endArray();
    json.name("profiles").beginArray();
    for (ProfileRecord profile : decision.profiles()) {
      profile(json, profile, profile.profile().equals(decision.primaryProfile()));
    }
    json.endArray().endObject();
  }

  /** The requested objective and the rule that chose the target; null where there is none. */
  private static void resolution(JsonWriter json, Resolution resolution) {
    json.name("objective");
    if (resolution.objective().isEmpty()) {
      json.value((String) null);
    } else {
      json.beginObject()
          .member("name", resolution.objective())
          .member("isKnown", resolution.isObjectiveKnown())
          .endObject();
    }
    json.name("rewrite");
    RewriteOrigin rewrite = resolution.rewrite();
    if (rewrite == null) {
      json.value((String) null);
    } else {
      json.beginObject()
          .member("name", rewrite.rewrite())
          .member("rule", rewrite.index())
          .endObject();
    }
  }

  private static void outcome(JsonWriter json, DecisionRecord decision) {
    json.name("outcome").beginObject();
    DecisionRecord.Refusal refusal = decision.refusal();
    if (refusal == null) {
      json.member("decision", "route");
      json.name("endpoints").beginArray();
      for (Endpoint endpoint : decision.endpoints()) {
        json.beginObject()
            .member("endpoint", endpoint.id().toString())
            .member("address", endpoint.hostPort())
            .endObject();
      }
      json.endArray();
    } else {
      json.member("decision", "reject")
          .member("reason", refusal.reason().name().toLowerCase(Locale.ROOT))
          .member("detail", refusal.detail());
    }
    json.endObject();
  }

  private static void flow(JsonWriter json, FlowEvidence flow) {
    json.name("flow")
        .beginObject()
        .member("band", flow.band())
        .member("flow", flow.flow())
        .member("outcome", flow.outcome())
        .member("isQueued", flow.isQueued())
        .member("waitedNanos", flow.waitedNanos())
        .member("saturation", flow.saturation())
        .member("ceiling", flow.ceiling());
    eviction(json, flow);
    json.endObject();
  }

  /** Who was evicted for whom; nothing where nobody was. */
  private static void eviction(JsonWriter json, FlowEvidence flow) {
    if (!flow.madeRoom().isEmpty()) {
      json.name("madeRoom").beginArray();
      flow.madeRoom().forEach(json::value);
      json.endArray();
    }
    Evicted.For forWhom = flow.evicted() == null ? null : flow.evicted().forWhom();
    if (forWhom != null) {
      json.name("evictedFor").beginObject().member("priority", forWhom.priority());
      if (!forWhom.requestId().isEmpty()) {
        json.member("requestId", forWhom.requestId());
      }
      json.endObject();
    }
  }

  private static void step(JsonWriter json, Evidence.Step step) {
    json.beginObject()
        .member("extensionPoint", step.extensionPoint())
        .member("plugin", step.name())
        .member("type", step.type())
        .member("nanos", step.nanos());
    if (!step.degraded().isEmpty()) {
      json.member("degraded", step.degraded());
    }
    json.endObject();
  }

  private static void profile(JsonWriter json, ProfileRecord profile, boolean isPrimary) {
    json.beginObject()
        .member("profile", profile.profile())
        .member("role", isPrimary ? "primary" : "secondary")
        .member("candidates", profile.candidates());
    json.name("filters").beginArray();
    for (ProfileRecord.Filtered filter : profile.filters()) {
      filter(json, filter);
    }
    json.endArray();
    json.name("scorers").beginArray();
    for (ProfileRecord.Scored scorer : profile.scorers()) {
      json.beginObject()
          .member("plugin", scorer.name())
          .member("type", scorer.type())
          .member("weight", scorer.weight())
          .member("nanos", scorer.nanos())
          .endObject();
    }
    json.endArray();
    json.name("shown").beginArray();
    for (int row = 0; row < profile.rows().size(); row++) {
      candidate(json, profile, row);
    }
    json.endArray();
    pick(json, profile);
    json.endObject();
  }

  private static void filter(JsonWriter json, ProfileRecord.Filtered filter) {
    json.beginObject()
        .member("plugin", filter.name())
        .member("type", filter.type())
        .member("nanos", filter.nanos())
        .member("kept", filter.kept())
        .member("droppedCount", filter.droppedCount());
    endpoints(json.name("dropped"), filter.dropped());
    json.endObject();
  }

  /** A candidate with its load, and the score of each scorer, by the scorer's name. */
  private static void candidate(JsonWriter json, ProfileRecord profile, int row) {
    ProfileRecord.Row candidate = profile.rows().get(row);
    json.beginObject().member("endpoint", candidate.endpoint().id().toString());
    EndpointLoad.Reported reported = candidate.reported();
    number(json, "waitingRequests", reported.waitingRequests(), candidate.waitingRequests());
    number(json, "runningRequests", reported.runningRequests(), candidate.runningRequests());
    json.member(
        "kvCacheUtilization",
        reported.kvCacheUtilization() ? candidate.kvCacheUtilization() : Double.NaN);
    long age = candidate.sampleAgeNanos();
    number(json, "sampleAgeNanos", age >= 0, age);
    ages(json.name("agesNanos"), candidate);
    json.name("scores").beginObject();
    for (ProfileRecord.Scored scorer : profile.scorers()) {
      json.member(scorer.name(), scorer.raw()[row]);
    }
    json.endObject();
    for (ProfileRecord.Filtered filter : profile.filters()) {
      if (filter.estimates() != null) {
        json.member(filter.estimates().estimated(), filter.estimates().values()[row]);
      }
    }
    json.member("total", profile.totals().length == 0 ? Double.NaN : profile.totals()[row])
        .endObject();
  }

  /** Of each value; one that has an age and is not shown was too old to be used, or doubted. */
  private static void ages(JsonWriter json, ProfileRecord.Row candidate) {
    EndpointLoad.ReadTimes readAt = candidate.readAt();
    json.beginObject();
    age(json, "waitingRequests", candidate.age(readAt.waitingRequests()));
    age(json, "runningRequests", candidate.age(readAt.runningRequests()));
    age(json, "kvCacheUtilization", candidate.age(readAt.kvCacheUtilization()));
    age(json, "adapters", candidate.age(readAt.adapters()));
    json.endObject();
  }

  private static void age(JsonWriter json, String value, long age) {
    number(json, value, age >= 0, age);
  }

  private static void number(JsonWriter json, String name, boolean isKnown, long value) {
    json.name(name);
    if (isKnown) {
      json.value(value);
    } else {
      json.value((String) null);
    }
  }

  private static void pick(JsonWriter json, ProfileRecord profile) {
    json.name("pick");
    ProfileRecord.Picked pick = profile.pick();
    if (pick == null) {
      json.value((String) null);
      return;
    }
    json.beginObject()
        .member("plugin", pick.name())
        .member("type", pick.type())
        .member("nanos", pick.nanos());
    endpoints(json.name("endpoints"), pick.picks());
    json.endObject();
  }

  private static void endpoints(JsonWriter json, List<Endpoint> endpoints) {
    json.beginArray();
    for (Endpoint endpoint : endpoints) {
      json.value(endpoint.id().toString());
    }
    json.endArray();
  }
}
