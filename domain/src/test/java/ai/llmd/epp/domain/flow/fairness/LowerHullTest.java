package ai.llmd.epp.domain.flow.fairness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.llmd.epp.domain.calls.PluginCalls;
import ai.llmd.epp.domain.flow.FlowFixture;
import ai.llmd.epp.domain.flow.FlowQueue;
import ai.llmd.epp.domain.flow.FlowQueues;
import ai.llmd.epp.domain.flow.FlowSelector;
import ai.llmd.epp.domain.flow.fairness.LowerHull.Point;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Objects;
import java.util.Random;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LowerHullTest {

  private static final double ROUNDING = 1e-9;

  private final LowerHull hull = new LowerHull();
  private final List<Point> points = new ArrayList<>();
  private final List<FlowQueue> flows = flows(200);

  /** Queues of flows, as a selector gets to know them. */
  private static List<FlowQueue> flows(int count) {
    List<FlowQueue> opened = new ArrayList<>();
    FlowSelector noting =
        new FlowSelector() {
          @Override
          public void opened(FlowQueue flow) {
            opened.add(flow);
          }

          @Override
          public void headChanged(FlowQueue flow) {}

          @Override
          public void closed(FlowQueue flow) {}

          @Override
          public @Nullable FlowQueue pick(long now) {
            return null;
          }
        };
    FlowQueues queues =
        new FlowQueues(
            new FlowFixture().fairness(ordering -> noting).build(), PluginCalls.timedBy(() -> 0));
    for (int i = 0; i < count; i++) {
      queues.offer(FlowFixture.request("flow-" + i, 0, 1), 0);
    }
    return opened;
  }

  private void add(Point point) {
    points.add(point);
    hull.add(point);
  }

  private void remove(int index) {
    hull.remove(points.remove(index));
  }

  /** What a point costs among those of now: its share of the range of services, and of waits. */
  private final class Costs {

    private final double ofService;
    private final double ofWait;
    private final DoubleSummaryStatistics services =
        points.stream().mapToDouble(Point::service).summaryStatistics();
    private final LongSummaryStatistics since =
        points.stream().mapToLong(Point::since).summaryStatistics();

    Costs(double ofService, double ofWait) {
      this.ofService = ofService;
      this.ofWait = ofWait;
    }

    double of(Point point) {
      double least = services.getMin();
      double most = services.getMax();
      long earliest = since.getMin();
      long latest = since.getMax();
      double service =
          most - least <= ROUNDING * most ? 0 : (point.service() - least) / (most - least);
      double wait =
          latest == earliest ? 0 : (double) (point.since() - earliest) / (latest - earliest);
      return ofService * service + ofWait * wait;
    }
  }

  private void assertCheapest(double ofService, double ofWait) {
    FlowQueue found = Objects.requireNonNull(hull.cheapest(ofService, ofWait, ROUNDING));
    Point chosen = points.stream().filter(point -> point.flow() == found).findFirst().orElseThrow();
    var costs = new Costs(ofService, ofWait);
    double best = points.stream().mapToDouble(costs::of).min().orElseThrow();
    assertThat(costs.of(chosen)).as("%d points", points.size()).isCloseTo(best, within(1e-9));
  }

  private void comeAndGo(Random random, DoubleSupplier service, DoubleSupplier since) {
    int next = 0;
    for (int step = 0; step < 400; step++) {
      if (points.isEmpty() || (next < flows.size() && random.nextInt(5) < 3)) {
        FlowQueue flow = flows.get(next++ % flows.size());
        add(new Point(flow, service.getAsDouble(), (long) since.getAsDouble()));
      } else {
        remove(random.nextInt(points.size()));
      }
      if (!points.isEmpty()) {
        assertCheapest(random.nextDouble(), random.nextDouble());
      }
      if (next == flows.size() && points.isEmpty()) {
        return;
      }
    }
  }

  private void clear() {
    points.clear();
    hull.clear();
  }

  @Test
  void findsTheCheapestOfAllHoweverTheyLie() {
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      comeAndGo(random, random::nextDouble, () -> random.nextInt(1_000_000));
      clear();
      comeAndGo(random, () -> random.nextInt(4), () -> random.nextInt(4)); // in many lines
      clear();
      comeAndGo(random, () -> 0, () -> random.nextInt(10));
      clear();
      comeAndGo(random, () -> Math.pow(2, 200 * random.nextDouble()), () -> random.nextInt(9));
      clear();
    }
  }

  @Test
  void findsItAmongThoseWhoPayForTheirServiceByTheirWait() {
    for (int i = 0; i < flows.size(); i++) { // all of them corners
      double angle = Math.PI / 2 * i / flows.size();
      add(new Point(flows.get(i), 1 - Math.sin(angle), (long) (1e9 * (1 - Math.cos(angle)))));
    }
    Random random = new Random(1);
    for (int i = 0; i < 2_000; i++) {
      assertCheapest(random.nextDouble(), random.nextDouble());
    }
    while (points.size() > 1) {
      remove(random.nextInt(points.size()));
      assertCheapest(random.nextDouble(), random.nextDouble());
    }
  }

  @Test
  void isEmptyAtTheBeginning() {
    assertThat(hull.cheapest(1, 1, ROUNDING)).isNull();
  }
}
