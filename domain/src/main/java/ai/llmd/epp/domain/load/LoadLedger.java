package ai.llmd.epp.domain.load;

import ai.llmd.epp.domain.facts.InFlightLoad;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Counts the work that is in flight on each endpoint. Any thread; no caller waits, except that two
 * endpoints cannot come or go at once.
 *
 * <p>An endpoint has an account; an entry remembers the account that it was booked on and takes
 * back from it what it put there, once. So a balance never falls below zero, and work of an
 * endpoint that has gone cannot be taken back from the next holder of its slot.
 */
public final class LoadLedger {

  private final Runnable changed;
  private volatile boolean isShared;

  /** Whether something was booked since the last look at changes; spares that look otherwise. */
  private volatile boolean hasChanged;

  // elements change under this object's lock and are published by writing the field
  private volatile @Nullable Account[] accounts = new Account[0];

  /** One whose changes are not reported. */
  public LoadLedger() {
    this(() -> {});
  }

  /**
   * @param changed called at the first booking after each {@link #takeChanged()}, on the request's
   *     thread; cheap
   */
  public LoadLedger(Runnable changed) {
    this.changed = changed;
  }

  /** From now on replicas add up what they count here. */
  public void share() {
    isShared = true;
  }

  /**
   * Counts work sent to an endpoint until the entry is released. Work for an earlier incarnation
   * than the slot's present one, or for one that was forgotten, is not counted.
   *
   * @param slot the endpoint's slot
   * @param incarnation the endpoint's incarnation; a later holder of the slot has a higher one and
   *     starts at zero
   * @param requests 0 or more
   * @param tokens 0 or more
   */
  public Entry open(int slot, long incarnation, long requests, long tokens) {
    if (requests < 0 || tokens < 0) {
      throw new IllegalArgumentException(
          "requests and tokens must be 0 or more, were " + requests + " and " + tokens);
    }
    Account account = account(slot);
    if (account == null || account.incarnation != incarnation) {
      account = accountFor(slot, incarnation);
    }
    return new Booking(account, requests, tokens);
  }

  /** Work in flight now over all replicas, for slots below {@code slotCount}. */
  public InFlightLoad inFlight(int slotCount) {
    long[] requests = new long[slotCount];
    long[] tokens = new long[slotCount];
    @Nullable Account[] current = accounts;
    for (int slot = Math.min(slotCount, current.length) - 1; slot >= 0; slot--) {
      Account account = current[slot];
      if (account != null) {
        requests[slot] = account.requests();
        tokens[slot] = account.tokens();
      }
    }
    return new InFlightLoad(requests, tokens);
  }

  /** Whether replicas add up what they count here. */
  public boolean isShared() {
    return isShared;
  }

  /** Requests of this replica alone; 0 for an unknown slot. */
  public long ownRequests(int slot) {
    Account account = account(slot);
    return account == null ? 0 : account.ownRequests();
  }

  /** Tokens of this replica alone; 0 for an unknown slot. */
  public long ownTokens(int slot) {
    Account account = account(slot);
    return account == null ? 0 : account.ownTokens();
  }

  /**
   * Requests of the other replicas; 0 for an unknown slot and for another holder of it.
   *
   * @param incarnation of the endpoint that is meant
   */
  public long peerRequests(int slot, long incarnation) {
    Account account = account(slot);
    return account == null || account.incarnation != incarnation ? 0 : account.peerRequests();
  }

  /**
   * Replaces what the other replicas have in flight on an endpoint. Nothing happens when the slot
   * has another holder by now. One thread at a time.
   *
   * @param incarnation of the endpoint that is meant
   * @param requests over all other replicas
   * @param tokens over all other replicas
   */
  public void putRemote(int slot, long incarnation, long requests, long tokens) {
    Account account = account(slot);
    if (account != null && account.incarnation == incarnation) {
      account.putRemote(requests, tokens);
    }
  }

  /** Whether this replica booked or released anything since the last call. */
  public boolean takeChanged() {
    if (!hasChanged) {
      return false; // and nothing is written: a booking may set it at this moment
    }
    hasChanged = false; // before the accounts are read: a later booking sets it again
    return true;
  }

  private void booked() {
    if (!hasChanged) {
      hasChanged = true;
      changed.run();
    }
  }

  /** Forgets an endpoint's counters; open entries of it release into nothing. */
  public synchronized void forget(int slot) {
    Account account = account(slot);
    if (account != null) {
      put(slot, new Account(account.incarnation, true, this::booked));
    }
  }

  private @Nullable Account account(int slot) {
    @Nullable Account[] current = accounts;
    return slot < current.length ? current[slot] : null;
  }

  private synchronized Account accountFor(int slot, long incarnation) {
    Account present = account(slot);
    if (present != null && present.incarnation == incarnation) {
      return present;
    }
    var fresh = new Account(incarnation, false, this::booked);
    if (present == null || present.incarnation < incarnation) {
      put(slot, fresh);
    }
    return fresh; // of an earlier incarnation: booked, but not read
  }

  private void put(int slot, Account account) {
    @Nullable Account[] current = accounts;
    if (slot >= current.length) {
      current = Arrays.copyOf(current, Math.max(slot + 1, 2 * current.length));
    }
    current[slot] = account;
    accounts = current;
  }

  /** What one request put on one endpoint. Any thread; releasing twice is harmless. */
  public interface Entry {

    void releaseTokens();

    /** Releases whatever is left, requests and tokens. */
    void release();
  }
}
