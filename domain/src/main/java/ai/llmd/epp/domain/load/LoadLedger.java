package ai.llmd.epp.domain.load;

import ai.llmd.epp.domain.facts.InFlightLoad;

/** TODO. Any thread. */
public final class LoadLedger {

  /**
   * Counts work sent to an endpoint until the entry is released.
   *
   * @param slot the endpoint's slot
   * @param incarnation the endpoint's incarnation; a later holder of the slot starts at zero
   */
  public Entry open(int slot, long incarnation, long requests, long tokens) {
    throw new UnsupportedOperationException();
  }

  /** Work in flight now, for slots below {@code slotCount}. */
  public InFlightLoad inFlight(int slotCount) {
    throw new UnsupportedOperationException();
  }

  public long requests(int slot) {
    throw new UnsupportedOperationException();
  }

  public long tokens(int slot) {
    throw new UnsupportedOperationException();
  }

  /** Forgets an endpoint's counters; open entries of it release into nothing. */
  public void forget(int slot) {
    throw new UnsupportedOperationException();
  }

  /** What one request put on one endpoint. Releasing twice is harmless. */
  public interface Entry {

    void releaseTokens();

    /** Releases whatever is left, requests and tokens. */
    void release();
  }
}
