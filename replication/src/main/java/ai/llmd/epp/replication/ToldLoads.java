package ai.llmd.epp.replication;

import ai.llmd.epp.domain.load.LoadLedger;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.state.SharedState;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Tells the others what is in flight here, when it has changed. The sender's thread only. */
final class ToldLoads {

  private record Told(long requests, long tokens) {
    static final Told NOTHING = new Told(0, 0);
  }

  private final SharedState state;
  private final Members members;
  private final EndpointLives lives;
  private final Map<String, Map<EndpointState, Told>> told = new HashMap<>();

  ToldLoads(SharedState state, Members members, EndpointLives lives) {
    this.state = state;
    this.members = members;
    this.lives = lives;
  }

  /** What is different from what was told last. */
  void changes(Consumer<Consumer<BatchWriter>> say) {
    state
        .ledgers()
        .forEach(
            (name, ledger) -> {
              if (ledger.isShared() && ledger.takeChanged()) {
                Map<EndpointState, Told> before = told.computeIfAbsent(name, n -> new HashMap<>());
                members.all().forEach(member -> change(name, ledger, member, before, say));
              }
            });
  }

  private void change(
      String name,
      LoadLedger ledger,
      EndpointState member,
      Map<EndpointState, Told> before,
      Consumer<Consumer<BatchWriter>> say) {
    Told now = now(ledger, member);
    if (!now.equals(before.getOrDefault(member, Told.NOTHING))) {
      before.put(member, now);
      EndpointLife life = lives.of(member.endpoint().id());
      say.accept(out -> out.load(name, life, now.requests(), now.tokens()));
    }
  }

  private static Told now(LoadLedger ledger, EndpointState member) {
    return new Told(ledger.ownRequests(member.slot()), ledger.ownTokens(member.slot()));
  }

  /** Everything that is not nothing, and every endpoint that is not in its first life. */
  void whole(BatchWriter out) {
    told.values().forEach(ofLedger -> ofLedger.keySet().removeIf(member -> !members.has(member)));
    told.keySet().removeIf(name -> !state.ledgers().containsKey(name));
    state
        .ledgers()
        .forEach(
            (name, ledger) -> {
              if (ledger.isShared()) {
                members.all().forEach(member -> whole(name, ledger, member, out));
              }
            });
    for (EndpointState member : members.all()) {
      EndpointLife life = lives.of(member.endpoint().id());
      if (life.generation() > 0 && out.hasRoomForMentions()) {
        out.endpoint(life);
      }
    }
  }

  private void whole(String name, LoadLedger ledger, EndpointState member, BatchWriter out) {
    Told now = now(ledger, member);
    told.computeIfAbsent(name, n -> new HashMap<>()).put(member, now);
    if (!now.equals(Told.NOTHING) && out.hasRoomForMentions()) {
      out.load(name, lives.of(member.endpoint().id()), now.requests(), now.tokens());
    }
  }
}
