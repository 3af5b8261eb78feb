package ai.llmd.epp.cli.doctor;

import ai.llmd.epp.application.metrics.BoundSource;
import ai.llmd.epp.application.metrics.DataSource;
import ai.llmd.epp.cli.Options;
import ai.llmd.epp.commandline.GoDuration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Thresholds of age that values cannot keep, or that no value is held to. */
final class FreshnessChecks implements Check {

  private static final String PAGE = "docs/operations.md#servers-that-do-not-show-their-load";
  private static final int POLLS = 3; // one may be missed, and one under way

  @Override
  public List<Remark> look(Examined examined) {
    List<Remark> remarks = new ArrayList<>();
    Options.Metrics metrics = examined.options().metrics();
    Duration longest = metrics.scrapeInterval();
    String slowest = "--refresh-metrics-interval";
    for (BoundSource bound : examined.configuration().dataLayer().sources()) {
      DataSource source = bound.source().plugin();
      Duration interval = source.interval();
      if (source.isOfLoads() && interval.compareTo(longest) > 0) {
        longest = interval;
        slowest = "the source \"" + bound.source().name() + '"';
      }
    }
    Duration threshold = metrics.stalenessThreshold();
    if (threshold.compareTo(longest.multipliedBy(POLLS)) < 0) {
      remarks.add(
          new Remark(
              "--metrics-staleness-threshold",
              "%s, while %s reads every %s"
                  .formatted(GoDuration.format(threshold), slowest, GoDuration.format(longest)),
              "endpoints leave llm_d_epp_ready_endpoints and the pool's averages between two polls"
                  + " or after a single lost one; decisions use values up to three intervals old"
                  + " anyway. Allow three intervals or more",
              PAGE));
    }
    if (examined.configuration().featureGates().unreportedLoadsAreZero()) {
      remarks.add(
          new Remark(
              "featureGates",
              "unreportedLoadsAreZero",
              "a server whose load cannot be read looks idle, and draws requests until it is read"
                  + " again",
              PAGE));
    }
    return remarks;
  }
}
