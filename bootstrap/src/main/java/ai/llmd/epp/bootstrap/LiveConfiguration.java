package ai.llmd.epp.bootstrap;

import ai.llmd.epp.adapter.extproc.ExtProcParts;
import ai.llmd.epp.adapter.extproc.PartsLender;
import ai.llmd.epp.application.reload.InForce;
import ai.llmd.epp.configuration.plugin.BuiltPlugin;
import java.util.List;

/**
 * The configuration in force, behind one reference that every stream reads when it begins. Any
 * thread may lend; one replaces.
 */
final class LiveConfiguration implements PartsLender, AutoCloseable {

  private final Wiring wiring;

  // guarded by this
  private final RetiredPlugins retirement = new RetiredPlugins();
  private boolean isClosed;

  private final InForce<Generation> inForce;

  LiveConfiguration(Wiring wiring, Draft first) {
    this.wiring = wiring;
    Generation generation = new Generation(first, wiring, null);
    this.inForce = new InForce<>(generation);
    observeThePool(generation);
    first.prefixes().show(meters().prefixes);
  }

  private Meters meters() {
    return wiring.shared().meters();
  }

  private void observeThePool(Generation generation) {
    wiring.pool().observe(generation.observers(meters(), retirement.observers()));
  }

  /** What is in force. */
  Draft inForce() {
    return inForce.current().draft();
  }

  /** Whether every parser supports a protocol, apart from those that support any. */
  boolean supports(String protocol) {
    return inForce().configuration().parsers().stream()
        .map(parser -> parser.plugin().protocols())
        .allMatch(protocols -> protocols.isEmpty() || protocols.contains(protocol));
  }

  /**
   * Puts a configuration in force: for streams that begin from now on; those that are open keep
   * what they began with. When it throws, nothing has changed, and the draft is discarded.
   */
  synchronized Change replace(Draft next) {
    Generation before = inForce.current();
    Generation after = generation(next, before);
    List<BuiltPlugin> dropped =
        before.draft().configuration().built().stream()
            .filter(built -> !after.uses(built.plugin()))
            .toList();
    retirement.retire(before, dropped);
    observeThePool(after); // its plugins know the members before a request reaches them
    dropped.forEach(built -> meters().prefixes.gone(built.name()));
    next.prefixes().show(meters().prefixes);
    next.state().takeEffect();
    inForce.replace(after);
    before.stopScraping(after);
    before.loans().retire(() -> Thread.ofVirtual().name("plugin-retirement").start(this::sweep));
    sweep(); // the last stream may have ended before the listener was set
    return Change.between(before.draft().configuration(), next.configuration());
  }

  private synchronized void sweep() {
    List<BuiltPlugin> unused = retirement.unused();
    if (!unused.isEmpty()) {
      observeThePool(inForce.current()); // first, so that no closed plugin is called about the pool
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
    return inForce.current().parts();
  }

  @Override
  public Loan lend() {
    return inForce.lend();
  }

  /** Stops scraping and closes every plugin; no stream is open any more. */
  @Override
  public synchronized void close() {
    isClosed = true;
    inForce.current().draft().configuration().built().reversed().forEach(BuiltPlugin::close);
    inForce.current().stopScraping(null);
    retirement.close();
  }
}
