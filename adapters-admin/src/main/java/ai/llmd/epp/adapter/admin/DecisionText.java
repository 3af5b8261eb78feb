package ai.llmd.epp.adapter.admin;

import ai.llmd.epp.application.DecisionRecord;
import ai.llmd.epp.application.ProfileRecord;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.routing.FlowEvidence;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A decision as a text for a terminal: what was decided and why, what each filter dropped, and the
 * candidates by the scorers, the best first. Names of clients cannot steer the terminal: what is no
 * printable character is shown as {@code ?}.
 */
final class DecisionText {

  private static final String UNKNOWN = "-";
  private static final int MAX_NAME = 60; // characters; a client may choose them

  private final StringBuilder out = new StringBuilder();

  private DecisionText() {}

  static String render(DecisionRecord decision) {
    DecisionText text = new DecisionText();
    text.head(decision);
    for (ProfileRecord profile : decision.profiles()) {
      text.profile(profile, profile.profile().equals(decision.primaryProfile()));
    }
    text.steps(decision.steps());
    return text.out.toString();
  }

  private void head(DecisionRecord decision) {
    line("request    " + name(decision.labels().requestId()));
    line("time       " + Instant.ofEpochMilli(decision.decidedAtMillis()));
    line("model      " + models(decision));
    line(
        "fairness   %s, priority %d%s"
            .formatted(
                name(decision.labels().fairnessId()),
                decision.labels().priority(),
                objective(decision)));
    FlowEvidence flow = decision.flow();
    if (flow != null) {
      line(
          "flow       %s in band %d%s"
              .formatted(
                  flow.outcome(),
                  flow.band(),
                  flow.isQueued() ? ", queued for " + time(flow.waitedNanos()) : ""));
    }
    line("decision   " + outcome(decision));
    line(
        "took       %s, %s of it scheduling; %d candidates"
            .formatted(
                time(decision.totalNanos()),
                time(decision.scheduleNanos()),
                decision.candidates()));
  }

  private static String models(DecisionRecord decision) {
    String asked = name(decision.labels().incomingModel());
    String target = name(decision.labels().targetModel());
    String rewrite =
        decision.resolution().rewrite() == null
            ? ""
            : " by rewrite " + name(decision.resolution().rewrite().rewrite());
    return asked.equals(target) ? asked : asked + " -> " + target + rewrite;
  }

  private static String objective(DecisionRecord decision) {
    String objective = decision.resolution().objective();
    if (objective.isEmpty()) {
      return "";
    }
    return ", objective "
        + name(objective)
        + (decision.resolution().isObjectiveKnown() ? "" : " (not known here)");
  }

  private static String outcome(DecisionRecord decision) {
    DecisionRecord.Refusal refusal = decision.refusal();
    if (refusal != null) {
      return "refused, %s: %s"
          .formatted(refusal.reason().name().toLowerCase(Locale.ROOT), printable(refusal.detail()));
    }
    return "route to "
        + decision.endpoints().stream()
            .map(endpoint -> endpoint.id().name() + " (" + endpoint.hostPort() + ")")
            .collect(Collectors.joining(", then "));
  }

  private void profile(ProfileRecord profile, boolean isPrimary) {
    line("");
    line(
        "profile %s%s: %d candidates"
            .formatted(profile.profile(), isPrimary ? " (chose)" : "", profile.candidates()));
    for (ProfileRecord.Filtered filter : profile.filters()) {
      line("  " + filtered(filter));
      if (filter.estimates() != null) {
        line("    " + estimates(filter.estimates(), profile.rows()));
      }
    }
    if (!profile.rows().isEmpty()) {
      candidates(profile);
    }
    if (profile.rows().size() < profile.candidates()) {
      line("  the best %d of %d are listed".formatted(profile.rows().size(), profile.candidates()));
    }
    line("  " + why(profile));
  }

  private static String filtered(ProfileRecord.Filtered filter) {
    String dropped =
        filter.dropped().isEmpty()
            ? ""
            : ", dropped "
                + names(filter.dropped())
                + (filter.droppedCount() > filter.dropped().size() ? ", ..." : "");
    return "filter %s kept %d%s".formatted(filter.name(), filter.kept(), dropped);
  }

  private static String estimates(ProfileRecord.Estimates estimates, List<ProfileRecord.Row> rows) {
    List<String> shown = new ArrayList<>();
    for (int row = 0; row < rows.size(); row++) {
      shown.add("%s %.0f".formatted(rows.get(row).endpoint().id().name(), estimates.values()[row]));
    }
    return estimates.estimated() + ": " + String.join(", ", shown);
  }

  private static String names(List<Endpoint> endpoints) {
    return endpoints.stream().map(one -> one.id().name()).collect(Collectors.joining(", "));
  }

  private void candidates(ProfileRecord profile) {
    List<String> head =
        new ArrayList<>(List.of("", "candidate", "queue", "running", "kv cache", "age"));
    for (ProfileRecord.Scored scorer : profile.scorers()) {
      head.add(scorer.name() + " x" + number(scorer.weight()));
    }
    head.add("sum");
    TextTable table = new TextTable(head);
    order(profile).forEach(row -> table.add(cells(profile, row)));
    table.lines().forEach(this::line);
  }

  /** Rows, the highest sum first; what a filter had dropped last. */
  private static List<Integer> order(ProfileRecord profile) {
    return IntStream.range(0, profile.rows().size())
        .boxed()
        .sorted(Comparator.comparingDouble((Integer row) -> -ranked(total(profile, row))))
        .toList();
  }

  private static double ranked(double total) {
    return Double.isNaN(total) ? Double.NEGATIVE_INFINITY : total;
  }

  private static double total(ProfileRecord profile, int row) {
    return profile.totals().length == 0 ? Double.NaN : profile.totals()[row];
  }

  private static List<String> cells(ProfileRecord profile, int row) {
    ProfileRecord.Row candidate = profile.rows().get(row);
    var known = candidate.reported();
    List<String> cells =
        new ArrayList<>(
            List.of(
                profile.isPicked(candidate) ? "*" : "",
                candidate.endpoint().id().name(),
                known.waitingRequests() ? "" + candidate.waitingRequests() : UNKNOWN,
                known.runningRequests() ? "" + candidate.runningRequests() : UNKNOWN,
                known.kvCacheUtilization()
                    ? "%.1f%%".formatted(100 * candidate.kvCacheUtilization())
                    : UNKNOWN,
                candidate.sampleAgeNanos() < 0 ? UNKNOWN : time(candidate.sampleAgeNanos())));
    for (ProfileRecord.Scored scorer : profile.scorers()) {
      double raw = scorer.raw()[row];
      cells.add(
          Double.isNaN(raw) ? UNKNOWN : "%.2f (%s)".formatted(raw, signed(part(scorer, row))));
    }
    double total = total(profile, row);
    cells.add(Double.isNaN(total) ? UNKNOWN : "%.3f".formatted(total));
    return cells;
  }

  /** What decided between the pick and the candidate behind it. */
  private static String why(ProfileRecord profile) {
    ProfileRecord.Picked pick = profile.pick();
    if (pick == null) {
      return "nothing was left to pick from";
    }
    String by = "* picked by " + pick.name();
    List<Integer> scored =
        order(profile).stream().filter(row -> !Double.isNaN(total(profile, row))).toList();
    List<Integer> picked =
        scored.stream().filter(row -> profile.isPicked(profile.rows().get(row))).toList();
    if (picked.isEmpty() || scored.size() < 2) {
      return by + (scored.size() == 1 ? ": the only candidate left" : "");
    }
    int won = picked.getFirst();
    int next = scored.get(0) == won ? scored.get(1) : scored.get(0);
    double lead = total(profile, won) - total(profile, next);
    String other = profile.rows().get(next).endpoint().id().name();
    if (Math.abs(lead) < 1e-9) {
      return by + ": level with " + other + ", drawn";
    }
    return lead < 0
        ? "%s: drawn, although %s is %.3f ahead".formatted(by, other, -lead)
        : "%s: %.3f ahead of %s%s".formatted(by, lead, other, mostBy(profile, won, next));
  }

  private static String mostBy(ProfileRecord profile, int won, int next) {
    double most = 0;
    String scorer = "";
    for (ProfileRecord.Scored one : profile.scorers()) {
      double gain = part(one, won) - part(one, next);
      if (gain > most) {
        most = gain;
        scorer = one.name();
      }
    }
    return scorer.isEmpty() ? "" : ", most of it by %s (%s)".formatted(scorer, signed(most));
  }

  private static double part(ProfileRecord.Scored scorer, int row) {
    double raw = scorer.raw()[row];
    return Double.isNaN(raw) ? 0 : Math.clamp(raw, 0, 1) * scorer.weight();
  }

  private void steps(List<Evidence.Step> steps) {
    if (steps.isEmpty()) {
      return;
    }
    line("");
    TextTable table = new TextTable(List.of("", "step", "plugin", "took", "missing because"));
    for (Evidence.Step step : steps) {
      table.add(
          List.of("", step.extensionPoint(), step.name(), time(step.nanos()), step.degraded()));
    }
    table.lines().forEach(this::line);
  }

  private static String signed(double value) {
    return "%+.2f".formatted(value);
  }

  /** Without the decimals that a whole number does not need. */
  static String number(double weight) {
    return weight == Math.rint(weight) && Math.abs(weight) < 1e15
        ? Long.toString((long) weight)
        : Double.toString(weight);
  }

  private static String time(long nanos) {
    if (nanos < 1_000_000) {
      return "%.1f us".formatted(nanos / 1e3);
    }
    return nanos < 1_000_000_000
        ? "%.1f ms".formatted(nanos / 1e6)
        : "%.1f s".formatted(nanos / 1e9);
  }

  private static String name(String text) {
    String shown = printable(text);
    if (shown.isEmpty()) {
      return UNKNOWN;
    }
    return shown.length() > MAX_NAME ? shown.substring(0, MAX_NAME) + "..." : shown;
  }

  private void line(String text) {
    out.append(printable(text)).append('\n');
  }

  /** Without what would move a cursor, change a colour or turn the direction of writing. */
  static String printable(String text) {
    StringBuilder shown = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              int type = Character.getType(c);
              boolean isSafe =
                  type != Character.CONTROL
                      && type != Character.FORMAT
                      && type != Character.SURROGATE
                      && type != Character.UNASSIGNED
                      && type != Character.LINE_SEPARATOR
                      && type != Character.PARAGRAPH_SEPARATOR;
              shown.appendCodePoint(isSafe ? c : '?');
            });
    return shown.toString();
  }
}
