package ai.llmd.epp.adapter.metrics.scrape;

import ai.llmd.epp.adapter.metrics.report.PollReports;
import ai.llmd.epp.adapter.metrics.scrape.MetricsExtractor.LoadReading;
import ai.llmd.epp.application.port.in.NotePolls;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointState;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.socket.SocketChannel;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/*
 * The idea: a tick is cut into slots, and each endpoint belongs to one. A timer turns the wheel to
 * the next slot with endpoints, so 200 of them cost 200 wake-ups a second and not 4000, and still
 * do not all answer at the same moment. A few share one slot: they cost 20.
 */

/** The endpoints scraped by one event loop, and the wheel that gives them their ticks. */
final class ScrapeLoop {

  private static final Logger log = LoggerFactory.getLogger(ScrapeLoop.class);
  private static final int SLOTS = 10;

  /** As many endpoints share a slot before another one is begun. */
  private static final int SHARING = 8;

  private static final int READ_BYTES = 1 << 17; // a usual page in one or two reads
  private static final int MAX_SHARED_PLANS = 64;

  /** An endpoint, how it was described when its polls were set up, and those polls. */
  private record Scraped(EndpointState state, Endpoint described, List<EndpointPoll> polls) {}

  private final EventLoop eventLoop;
  private final Bootstrap bootstrap;
  private final ScrapeSettings settings;
  private final List<ScrapedSource> sources;
  private final ScrapeObserver observer;
  private final NotePolls polls;
  private final PollReports reports;
  private final RequestActivity activity;
  private final ScrapePauses pauses;
  private final LongSupplier nanoClock;
  private final byte[] piece = PageScanner.newPiece();
  private final int idleTicks;

  // everything below belongs to the event loop
  private final List<List<Scraped>> wheel = new ArrayList<>();
  private final Map<List<LoadReading>, ScanPlan> plans = new HashMap<>();
  private int turnedTo; // the slot that had the last turn
  private boolean isIdle;
  private long turnedAtNanos; // when that turn was due
  private @Nullable Future<?> turning;

  ScrapeLoop(
      EventLoop eventLoop,
      Class<? extends SocketChannel> channel,
      AddressResolverGroup<InetSocketAddress> names,
      ScrapeSettings settings,
      List<ScrapedSource> sources,
      ScrapeObserver observer,
      NotePolls polls,
      PollReports reports,
      RequestActivity activity,
      ScrapePauses pauses,
      LongSupplier nanoClock) {
    this.eventLoop = eventLoop;
    this.settings = settings;
    this.sources = sources;
    this.observer = observer;
    this.polls = polls;
    this.reports = reports;
    this.activity = activity;
    this.pauses = pauses;
    this.nanoClock = nanoClock;
    double ticks = (double) settings.idleTick().toNanos() / settings.tick().toNanos();
    this.idleTicks = (int) Math.clamp(Math.round(ticks), 1, Integer.MAX_VALUE);
    this.bootstrap =
        new Bootstrap()
            .group(eventLoop)
            .channel(channel)
            .resolver(names)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.RCVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ_BYTES))
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                (int) Math.clamp(settings.timeout().toMillis(), 1, Integer.MAX_VALUE));
    for (int i = 0; i < SLOTS; i++) {
      wheel.add(new ArrayList<>());
    }
  }

  ScrapeSettings settings() {
    return settings;
  }

  Bootstrap bootstrap() {
    return bootstrap;
  }

  ScrapeObserver observer() {
    return observer;
  }

  NotePolls polls() {
    return polls;
  }

  PollReports reports() {
    return reports;
  }

  byte[] piece() {
    return piece;
  }

  long nowNanos() {
    return nanoClock.getAsLong();
  }

  /** The compiled plan; endpoints that are read alike share one. */
  ScanPlan planFor(List<LoadReading> readings) {
    ScanPlan known = plans.get(readings);
    if (known == null) {
      known = ScanPlan.of(MetricsPage.wantedBy(readings));
      if (plans.size() < MAX_SHARED_PLANS) {
        plans.put(readings, known);
      }
    }
    return known;
  }

  /** Starts the wheel. Any thread. */
  void start() {
    execute(
        () -> {
          turnedAtNanos = nowNanos();
          scheduleTurn();
        });
  }

  /** Any thread, as the others below. */
  void add(EndpointState state) {
    execute(() -> enter(state));
  }

  void change(EndpointState state) {
    execute(() -> update(state));
  }

  void remove(EndpointState state, Runnable released) {
    Runnable leave =
        () -> {
          try {
            leave(state);
          } finally {
            released.run();
          }
        };
    if (!execute(leave)) {
      released.run(); // closed: nothing is kept any more
    }
  }

  /** Requests are coming again: polls everything now and goes back to the usual tick. */
  void wake() {
    execute(
        () -> {
          isIdle = false;
          long now = nowNanos();
          wheel.forEach(slot -> slot.forEach(scraped -> pollNow(scraped, now)));
          turnedAtNanos = now;
          scheduleTurn();
        });
  }

  /** Closes every connection and stops the wheel. */
  void stop() {
    execute(
        () -> {
          if (turning != null) {
            turning.cancel(false);
          }
          wheel.forEach(
              slot -> {
                slot.forEach(ScrapeLoop::close);
                slot.clear();
              });
        });
  }

  /** Returns false when the loop has ended. */
  private boolean execute(Runnable task) {
    try {
      eventLoop.execute(
          () -> {
            try {
              task.run();
            } catch (RuntimeException e) { // a stranger's extractor, most likely
              log.atError().setCause(e).log("scraping disturbed");
            }
          });
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  private void enter(EndpointState state) {
    Scraped scraped = scrapedFrom(state);
    List<Scraped> slot = slotWithRoom();
    slot.add(scraped);
    if (isIdle) { // the next turn may be far away
      pollNow(scraped, nowNanos());
    }
    if (slot.size() == 1) { // its turn may come before the one that is scheduled
      scheduleTurn();
    }
  }

  private Scraped scrapedFrom(EndpointState state) {
    Endpoint endpoint = state.endpoint();
    List<EndpointPoll> polls = new ArrayList<>();
    for (ScrapedSource bound : sources) {
      if (!bound.extractors().isEmpty()) {
        polls.add(new EndpointPoll(this, bound, state, bound.readings(endpoint)));
      }
    }
    return new Scraped(state, endpoint, List.copyOf(polls));
  }

  /**
   * A slot that has begun to fill; else the emptiest one, of several the one whose turn is farthest
   * away: up to a whole tick.
   */
  private List<Scraped> slotWithRoom() {
    List<Scraped> best = wheel.get(turnedTo);
    for (int i = 1; i < SLOTS; i++) {
      List<Scraped> slot = wheel.get(Math.floorMod(turnedTo - i, SLOTS));
      if (isBetter(slot, best)) {
        best = slot;
      }
    }
    return best;
  }

  private static boolean isBetter(List<Scraped> slot, List<Scraped> than) {
    boolean isFilling = isFilling(slot);
    return isFilling == isFilling(than) ? !isFilling && slot.size() < than.size() : isFilling;
  }

  private static boolean isFilling(List<Scraped> slot) {
    return !slot.isEmpty() && slot.size() < SHARING;
  }

  private void update(EndpointState state) {
    for (List<Scraped> slot : wheel) {
      for (int i = 0; i < slot.size(); i++) {
        Scraped scraped = slot.get(i);
        if (scraped.state == state) {
          slot.set(i, updated(scraped));
          return;
        }
      }
    }
  }

  private Scraped updated(Scraped scraped) {
    Endpoint now = scraped.state.endpoint();
    for (EndpointPoll poll : scraped.polls) {
      if (!poll.suits(scraped.described, now)) {
        close(scraped);
        return scrapedFrom(scraped.state);
      }
    }
    return new Scraped(scraped.state, now, scraped.polls);
  }

  private void leave(EndpointState state) {
    for (List<Scraped> slot : wheel) {
      slot.removeIf(
          scraped -> {
            boolean leaves = scraped.state == state;
            if (leaves) {
              close(scraped);
            }
            return leaves;
          });
    }
  }

  private static void close(Scraped scraped) {
    scraped.polls.forEach(EndpointPoll::close);
  }

  private static void pollNow(Scraped scraped, long now) {
    scraped.polls.forEach(poll -> poll.pollNow(now));
  }

  private void turn(int slot, long dueAtNanos) {
    turnedTo = slot;
    turnedAtNanos = dueAtNanos;
    long now = nowNanos();
    try {
      reports.flush();
      isIdle = activity.isIdle(now);
      if (isIdle) {
        pauses.idle(settings, now);
      }
      int ticks = isIdle ? idleTicks : 1;
      for (Scraped scraped : wheel.get(slot)) {
        for (EndpointPoll poll : scraped.polls) {
          poll.tick(now, ticks);
        }
      }
    } finally { // whatever happens to one endpoint, the wheel turns on
      scheduleTurn();
    }
  }

  private void scheduleTurn() {
    if (turning != null) {
      turning.cancel(false);
    }
    long tickNanos = (isIdle ? settings.idleTick() : settings.tick()).toNanos();
    long now = nowNanos();
    int steps = stepsToNextSlot();
    int slot = (turnedTo + steps) % SLOTS;
    // After a pause of the whole process the missed turns are not made up for.
    long due = Math.max(turnedAtNanos + tickNanos / SLOTS * steps, now - tickNanos);
    turning =
        eventLoop.schedule(() -> turn(slot, due), Math.max(0, due - now), TimeUnit.NANOSECONDS);
  }

  /** Slots without endpoints are passed over; without any endpoint it is one turn in a tick. */
  private int stepsToNextSlot() {
    int steps = 1;
    while (steps < SLOTS && wheel.get((turnedTo + steps) % SLOTS).isEmpty()) {
      steps++;
    }
    return steps;
  }
}
