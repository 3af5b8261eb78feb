package ai.llmd.epp.bootstrap;

import ai.llmd.epp.adapter.extproc.ExtProcParts;
import ai.llmd.epp.adapter.extproc.PartsLender;
import ai.llmd.epp.adapter.metrics.scrape.MetricsScraper;
import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.application.reload.InForce;
import ai.llmd.epp.application.reload.LoanCounter;
import ai.llmd.epp.configuration.plugin.BuiltPlugin;
import ai.llmd.epp.domain.catalogue.Plugin;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A configuration that serves, and the streams that began under it: they keep its parts to their
 * end, also when another configuration has taken its place. Any thread.
 */
final class Generation implements PartsLender.Loan, InForce.Lendable {

  private final Draft draft;
  private final Scraping scraping;
  private final MetricsScraper scraper;
  private final Replication replication;
  private final ExtProcParts parts;
  private final LoanCounter loans = new LoanCounter(); // one for each open stream

  /**
   * It is unused until it is asked to serve.
   *
   * @param before whose scraper goes on when it scrapes the same; null at the start
   */
  Generation(Draft draft, Wiring wiring, @Nullable Generation before) {
    SharedParts shared = wiring.shared();
    this.draft = draft;
    this.replication = wiring.replication();
    this.scraping = Scraping.of(draft.configuration(), wiring.options().metrics().scrapeInterval());
    this.parts = wiring.parts(draft.configuration(), this::requestSeen);
    this.scraper =
        before != null && before.scraping.equals(scraping)
            ? before.scraper
            : scraping.start(shared);
  }

  private void requestSeen() {
    scraper.requestSeen();
  }

  Draft draft() {
    return draft;
  }

  /**
   * The plugins that follow the pool while this serves.
   *
   * @param lingering those of earlier configurations that streams still use
   */
  List<PoolObserver> observers(Meters meters, List<PoolObserver> lingering) {
    List<PoolObserver> all = new ArrayList<>(List.of(scraper, meters.routing));
    all.addAll(BuiltPlugin.ofKind(PoolObserver.class, draft.configuration().built()));
    all.addAll(lingering);
    all.addAll(replication.observers()); // their accounts are open when others' work comes in
    // behind the plugins that count for them, which might otherwise bring a removed series back
    all.add(meters.inFlight);
    all.add(meters.encoderCaches);
    return all;
  }

  boolean uses(Plugin plugin) {
    return draft.configuration().has(plugin);
  }

  @Override
  public ExtProcParts parts() {
    return parts;
  }

  @Override
  public LoanCounter loans() {
    return loans;
  }

  @Override
  public void giveBack() {
    loans.giveBack();
  }

  /** Ends the scraping unless another one goes on with it. */
  void stopScraping(@Nullable Generation successor) {
    if (successor == null || successor.scraper != scraper) {
      scraper.close();
    }
  }
}
