package ai.llmd.epp.simulator.http;

/** What a server counts beside its metrics, for {@code GET /admin/stats}. Event loop only. */
final class Stats {
  long requests;
  long queueFull;
  long invalid;
  long injectedErrors;
  long droppedConnections;
  long clientsLeft;
  int mostRunning;
  int mostWaiting;
}
