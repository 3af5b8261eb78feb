package ai.llmd.epp.configuration.reload;

import ai.llmd.epp.application.LivePool;
import ai.llmd.epp.application.port.in.LendParts;
import ai.llmd.epp.application.port.in.PartsLease;
import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.application.port.out.PrefixObserver;
import ai.llmd.epp.configuration.EffectiveConfiguration;
import ai.llmd.epp.configuration.plugin.BuiltPlugin;
import ai.llmd.epp.yaml.InvalidDocumentException;
import ai.llmd.epp.yaml.YamlSource;
import java.util.ArrayList;
import java.util.List;

/**
 * The configuration in force. Every stream leases its parts when it begins and keeps them to its
 * end, also when another configuration has taken its place. Any thread may lend; one replaces.
 *
 * @param <P> the parts that streams use
 */
public final class LiveConfiguration<P> implements LendParts<P>, AutoCloseable {

  /** A configuration that is in force, or was and is still used by streams. */
  private record Generation<P>(Draft draft, RunningParts<P> running, CountedLease<P> lease) {

    Generation(Draft draft, RunningParts<P> running) {
      this(draft, running, new CountedLease<>(running.parts()));
    }
  }

  /**
   * What became of the plugins when one configuration took the place of another, by instance name.
   *
   * @param kept the same instances, with all they have learned
   * @param built new, or changed and therefore built anew
   * @param removed names that are gone
   */
  public record Change(List<String> kept, List<String> built, List<String> removed) {

    private static Change between(Draft before, Draft after) {
      List<String> names = names(after.configuration().built());
      return new Change(
          names(after.keptFrom(before)),
          names(after.without(before)),
          names(before.configuration().built()).stream()
              .filter(name -> !names.contains(name))
              .toList());
    }

    private static List<String> names(List<BuiltPlugin> plugins) {
      return plugins.stream().map(BuiltPlugin::name).toList();
    }
  }

  private final DraftBuilder drafts;
  private final LivePool pool;
  private final PrefixObserver prefixes;
  private final InForce<P> inForce;

  private volatile Generation<P> current; // written under the lock of this

  // guarded by this
  private final List<Generation<P>> retired = new ArrayList<>(); // streams still use them
  private final List<BuiltPlugin> lingering = new ArrayList<>(); // only the retired ones have them
  private boolean isClosed;

  /**
   * Puts the first configuration in force.
   *
   * @param drafts builds the next ones
   * @param running of the first configuration
   * @param pool observed by all plugins that streams may use
   * @param prefixes receives the producers of prefix matches that are in force
   */
  public LiveConfiguration(
      DraftBuilder drafts,
      Draft first,
      RunningParts<P> running,
      LivePool pool,
      PrefixObserver prefixes) {
    this.drafts = drafts;
    this.pool = pool;
    this.prefixes = prefixes;
    this.current = new Generation<>(first, running);
    this.inForce = new InForce<>(current.lease());
    observePool(current);
    first.prefixes().showIn(prefixes);
  }

  /** What is in force. Any thread. */
  public EffectiveConfiguration inForce() {
    return current.draft().configuration();
  }

  @Override
  public P current() {
    return inForce.parts();
  }

  @Override
  public PartsLease<P> lend() {
    return inForce.lend();
  }

  /**
   * Reads a configuration, builds what is new in it, and puts it in force: for streams that begin
   * from now on; those that are open keep what they began with. What neither needs is closed. Takes
   * as long as the building of the plugins; requests never wait for it.
   *
   * @throws InvalidDocumentException with everything that is wrong; then, and whenever it throws,
   *     nothing has changed
   */
  public Change replace(YamlSource source) throws InvalidDocumentException {
    Draft draft = drafts.next(source, current.draft());
    return putInForce(draft);
  }

  private synchronized Change putInForce(Draft next) {
    Generation<P> before = current;
    Generation<P> after = started(next, before);
    retired.add(before);
    lingering.addAll(before.draft().without(next));
    observePool(after); // new plugins know the members before a request reaches them
    next.takeEffect(before.draft(), prefixes);
    current = after;
    inForce.replace(after.lease()); // streams begin with the new parts from here on
    before.running().stop();
    before.lease().retire(this::closeUnusedLater);
    closeUnused(); // the last stream may have ended before the line above
    return Change.between(before.draft(), next);
  }

  private Generation<P> started(Draft next, Generation<P> before) {
    try {
      if (isClosed) {
        throw new IllegalStateException("the program stops");
      }
      return new Generation<>(next, before.running().successor(next.configuration()));
    } catch (RuntimeException e) {
      next.without(before.draft()).forEach(BuiltPlugin::close);
      throw e;
    }
  }

  private void observePool(Generation<P> generation) {
    List<BuiltPlugin> plugins = new ArrayList<>(generation.draft().configuration().built());
    plugins.addAll(lingering);
    pool.observe(generation.running().observers(BuiltPlugin.ofKind(PoolObserver.class, plugins)));
  }

  /** The thread of a stream must not wait for plugins. */
  private void closeUnusedLater() {
    Thread.ofVirtual().name("plugin-retirement").start(this::closeUnused);
  }

  private synchronized void closeUnused() {
    retired.removeIf(generation -> generation.lease().isDrained());
    List<BuiltPlugin> unused = lingering.stream().filter(built -> !isUsed(built)).toList();
    if (unused.isEmpty()) {
      return;
    }
    lingering.removeIf(built -> !isUsed(built));
    observePool(current); // first: what is closed observes nothing
    unused.forEach(BuiltPlugin::close);
  }

  private boolean isUsed(BuiltPlugin built) {
    return retired.stream().anyMatch(one -> one.draft().configuration().has(built.plugin()));
  }

  /** Stops what runs and closes every plugin; no stream is open any more. */
  @Override
  public synchronized void close() {
    isClosed = true;
    current.draft().close();
    current.running().stop();
    lingering.forEach(BuiltPlugin::close);
    lingering.clear();
    retired.clear();
  }
}
