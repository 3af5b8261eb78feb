package ai.llmd.epp.cli.doctor;

import ai.llmd.epp.domain.scheduling.SchedulingProfile;
import ai.llmd.epp.domain.scheduling.SchedulingProfile.WeightedScorer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Weights that do nothing, cancel each other, or leave the load out of account. */
final class WeightChecks implements Check {

  private static final String PAGE = "docs/compatibility.md#scoring";
  private static final double CLOSE = 1e-9;

  @Override
  public List<Remark> look(Examined examined) {
    List<Remark> remarks = new ArrayList<>();
    for (SchedulingProfile profile : examined.configuration().scheduling().profiles()) {
      String where = "profile \"" + profile.name() + '"';
      boolean isDrawn = profile.picker().type().equals("random-picker");
      if (isDrawn) {
        drawn(where, profile, remarks);
      } else {
        weights(where, profile, remarks);
      }
    }
    return remarks;
  }

  private static void drawn(String where, SchedulingProfile profile, List<Remark> remarks) {
    if (!profile.scorers().isEmpty()) {
      remarks.add(
          new Remark(
              where,
              "scorers beside the picker " + profile.picker().name() + ", which draws",
              "scores are computed for every request and change nothing; take max-score-picker or"
                  + " weighted-random-picker, or leave the scorers out",
              "docs/plugins.md#random-picker"));
    }
  }

  private static void weights(String where, SchedulingProfile profile, List<Remark> remarks) {
    if (profile.scorers().isEmpty()) {
      remarks.add(
          new Remark(
              where,
              "no scorer",
              "all that the filters leave are equal, and one of them is drawn",
              PAGE));
      return;
    }
    boolean isAllZero = profile.scorers().stream().allMatch(one -> one.weight() == 0);
    if (isAllZero) {
      remarks.add(
          new Remark(
              where,
              "every weight is 0",
              "all endpoints are equal, and one of them is drawn",
              PAGE));
      return;
    }
    for (WeightedScorer scorer : profile.scorers()) {
      single(where, scorer, remarks);
    }
    cancelling(where, profile, remarks);
    loadless(where, profile, remarks);
  }

  private static void single(String where, WeightedScorer scorer, List<Remark> remarks) {
    String name = scorer.scorer().name();
    if (scorer.weight() == 0) {
      remarks.add(
          new Remark(
              where,
              name + " has weight 0",
              "it is computed for every request and changes nothing",
              PAGE));
    } else if (scorer.weight() < 0) {
      remarks.add(
          new Remark(
              where,
              "%s has the weight %s".formatted(name, scorer.weight()),
              "the endpoint that it finds best is avoided",
              PAGE));
    }
  }

  /** Of scorers that look at the same thing, some that want more of it and some that want less. */
  private static void cancelling(String where, SchedulingProfile profile, List<Remark> remarks) {
    Map<Quantities, List<WeightedScorer>> byQuantity = new EnumMap<>(Quantities.class);
    for (WeightedScorer scorer : profile.scorers()) {
      Quantities quantity = Quantities.of(scorer.scorer().type());
      if (quantity != Quantities.OTHER && quantity != Quantities.OTHER_AFFINITY) {
        byQuantity.computeIfAbsent(quantity, ignored -> new ArrayList<>()).add(scorer);
      }
    }
    byQuantity.forEach(
        (quantity, scorers) -> {
          boolean isFor = scorers.stream().anyMatch(one -> one.weight() > 0);
          boolean isAgainst = scorers.stream().anyMatch(one -> one.weight() < 0);
          double sum = scorers.stream().mapToDouble(WeightedScorer::weight).sum();
          if (isFor && isAgainst) {
            remarks.add(
                new Remark(
                    where,
                    "%s weigh %s against each other%s"
                        .formatted(
                            String.join(" and ", names(scorers)),
                            quantity.words(),
                            Math.abs(sum) < CLOSE ? ", and cancel" : ""),
                    "what one adds the other takes away; keep one of them",
                    PAGE));
          } else if (isFor && scorers.size() > 1) {
            remarks.add(
                new Remark(
                    where,
                    "%s all weigh %s"
                        .formatted(String.join(" and ", names(scorers)), quantity.words()),
                    "their weights add up to %s; one of them with that weight is easier to reason about"
                        .formatted(sum),
                    PAGE));
          }
        });
  }

  private static List<String> names(List<WeightedScorer> scorers) {
    return scorers.stream().map(one -> one.scorer().name()).toList();
  }

  private static void loadless(String where, SchedulingProfile profile, List<Remark> remarks) {
    boolean isAffinityAlone =
        profile.scorers().stream()
            .filter(one -> one.weight() != 0)
            .allMatch(one -> Quantities.of(one.scorer().type()).isAffinity());
    if (isAffinityAlone) {
      remarks.add(
          new Remark(
              where,
              "affinity scorers alone",
              "an endpoint that holds a popular prefix or session gets all requests for it, however"
                  + " long its queue is; add a scorer of load, as queue-scorer",
              PAGE));
    }
  }
}
