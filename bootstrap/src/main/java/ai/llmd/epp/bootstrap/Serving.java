package ai.llmd.epp.bootstrap;

import ai.llmd.epp.adapter.extproc.ExtProcParts;
import ai.llmd.epp.adapter.extproc.PartsLender;
import ai.llmd.epp.configuration.plugin.BuiltPlugin;
import java.util.List;

/**
 * The configuration in force, behind one reference that every stream reads when it begins. Any
 * thread may lend; one replaces.
 */
final class Serving implements PartsLender, AutoCloseable {

  private final Wiring wiring;

  // guarded by this
  private final Retirement retirement = new Retirement();
  private boolean isClosed;

  private volatile Generation current;

  Serving(Wiring wiring, Draft first) {
    this.wiring = wiring;
    this.current = new Generation(first, wiring, null);
    tellThePool(current);
    first.prefixes().show(meters().prefixes);
  }

  private Meters meters() {
    return wiring.foundation().meters();
  }

  private void tellThePool(Generation generation) {
    wiring.pool().observe(generation.observers(meters(), retirement.observers()));
  }

  /** What is in force. */
  Draft inForce() {
    return current.draft();
  }

  /** Whether every parser speaks a protocol, apart from those that speak any. */
  boolean speaks(String protocol) {
    return inForce().configuration().parsers().stream()
        .map(parser -> parser.plugin().protocols())
        .allMatch(protocols -> protocols.isEmpty() || protocols.contains(protocol));
  }

  /**
   * Puts a configuration in force: for streams that begin from now on; those that are open keep
   * what they began with. When it throws, nothing has changed, and the draft is discarded.
   */
  synchronized Change replace(Draft next) {
    Generation before = current;
    Generation after = generation(next, before);
    List<BuiltPlugin> dropped =
        before.draft().configuration().built().stream()
            .filter(built -> !after.uses(built.plugin()))
            .toList();
    retirement.retire(before, dropped);
    tellThePool(after); // its plugins know the members before a request reaches them
    dropped.forEach(built -> meters().prefixes.gone(built.name()));
    next.prefixes().show(meters().prefixes);
    next.state().takeEffect();
    current = after;
    before.stopScraping(after);
    before.retire(() -> Thread.ofVirtual().name("plugin-retirement").start(this::sweep));
    sweep(); // the last stream may have ended before anybody listened
    return Change.between(before.draft().configuration(), next.configuration());
  }

  private synchronized void sweep() {
    List<BuiltPlugin> unused = retirement.unused();
    if (!unused.isEmpty()) {
      tellThePool(current); // first, so that nobody hears of the pool who is closed
      unused.forEach(BuiltPlugin::close);
    }
  }

  private Generation generation(Draft next, Generation before) {
    try {
      if (isClosed) {
        throw new IllegalStateException("the program stops");
      }
      return new Generation(next, wiring, before);
    } catch (RuntimeException e) {
      next.discard(before.draft());
      throw e;
    }
  }

  @Override
  public ExtProcParts current() {
    return current.parts();
  }

  /** Counts first and looks again, so that nobody closes what is lent in between. */
  @Override
  public Loan lend() {
    while (true) {
      Generation now = current;
      now.lend();
      if (now == current) {
        return now;
      }
      now.giveBack();
    }
  }

  /** Stops scraping and closes every plugin; no stream is open any more. */
  @Override
  public synchronized void close() {
    isClosed = true;
    current.draft().configuration().built().reversed().forEach(BuiltPlugin::close);
    current.stopScraping(null);
    retirement.close();
  }
}
