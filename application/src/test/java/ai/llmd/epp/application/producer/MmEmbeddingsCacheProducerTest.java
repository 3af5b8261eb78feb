package ai.llmd.epp.application.producer;

import static ai.llmd.epp.application.producer.Requests.cycle;
import static ai.llmd.epp.application.producer.Requests.endpoint;
import static ai.llmd.epp.application.producer.Requests.request;
import static ai.llmd.epp.application.producer.Requests.result;
import static ai.llmd.epp.application.producer.Requests.text;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.application.port.out.EncoderCacheObserver;
import ai.llmd.epp.application.port.out.LocalChanges;
import ai.llmd.epp.application.producer.MmEmbeddingsCacheProducer.Parameters;
import ai.llmd.epp.domain.facts.EncoderCacheMatches;
import ai.llmd.epp.domain.facts.EncoderCacheMatches.Item;
import ai.llmd.epp.domain.facts.TokenizedPrompt;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.request.ByteSink;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.request.Prompt;
import ai.llmd.epp.domain.request.PromptPiece;
import ai.llmd.epp.domain.request.PromptPiece.Modality;
import ai.llmd.epp.domain.request.Utf8Text;
import ai.llmd.epp.domain.routing.HeaderChanges;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.scheduling.ProfileResult;
import ai.llmd.epp.domain.scheduling.ProfileResults;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.state.SharedState;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MmEmbeddingsCacheProducerTest {

  private static final String NAME = "encoder";

  private final SharedState state = new SharedState(SharedState.Budget.DEFAULT);
  private final PrefixRecorder recorder =
      new PrefixRecorder(
          PrefixRecorder.DEFAULT_WAITING_BLOCKS,
          failure -> {
            throw failure;
          });
  private final Observed observed = new Observed();
  private final EndpointState a = endpoint(0);
  private final EndpointState b = endpoint(1);
  private final MmEmbeddingsCacheProducer producer = producer(NAME, new Parameters(0));

  MmEmbeddingsCacheProducerTest() {
    recorder.start();
  }

  @AfterEach
  void close() {
    recorder.close();
  }

  @Test
  void remembersWhereEachItemWentAndMatchesTheNextRequest() throws InterruptedException {
    send(images("x", "y"), a);
    send(images("y"), b);

    EncoderCacheMatches matches = matches(images("y", "z", "x"));

    assertThat(contents(matches.items())).containsExactly("y", "z", "x");
    assertThat(contents(matches.matched(0))).containsExactly("y", "x");
    assertThat(contents(matches.matched(1))).containsExactly("y");
  }

  @Test
  void countsEveryItemOnceWhateverThePromptAndWithASizeOfOne() {
    EncoderCacheMatches matches =
        matches(
            request(
                new Prompt(List.of(asset(Modality.IMAGE, "x"), asset(Modality.VIDEO, "v"))),
                new Prompt(List.of(asset(Modality.IMAGE, "x"), asset(Modality.AUDIO, "s")))));
    assertThat(matches.items())
        .extracting(Item::modality)
        .containsExactly(Modality.IMAGE, Modality.VIDEO, Modality.AUDIO);
    assertThat(matches.items()).extracting(Item::size).containsOnly(1);
    assertThat(matches.items()).extracting(Item::hash).doesNotHaveDuplicates();
  }

  @Test
  void putsNoFactWithoutItems() {
    SchedulingCycle cycle = produce(producer, request(text("only text")));
    assertThat(cycle.facts().get(EncoderCacheMatches.key(NAME))).isNull();
    producer.onRouted(Requests.routed(cycle, a));
    SchedulingCycle untokenized = cycle(images("x"), a, b);
    producer.produce(untokenized);
    assertThat(untokenized.facts().get(EncoderCacheMatches.key(NAME))).isNull();
    assertThat(observed.lines).isEmpty();
  }

  @Test
  void ignoresFeaturesWithoutAHash() {
    SchedulingCycle cycle = cycle(request(), a, b);
    cycle.facts().put(TokenizedPrompt.KEY, new Features("", "h", ""));
    producer.produce(cycle);
    assertThat(Objects.requireNonNull(matchesOf(cycle)).items())
        .containsExactly(new Item("h", 1, Modality.IMAGE));
  }

  @Test
  void recordsForEveryPickOfThePrimaryProfileOnly() throws InterruptedException {
    SchedulingCycle cycle = produce(producer, images("x"));
    EndpointState c = endpoint(2);
    producer.added(c);
    var results = new ProfileResults();
    results.put("prefill", result(cycle, c));
    ProfileResult primary = result(cycle, a, b);
    results.put("default", primary);
    producer.onRouted(
        new RoutedRequest(
            cycle.request(), cycle.facts(), "default", primary, results, new HeaderChanges()));
    settle();
    EncoderCacheMatches matches = matches(images("x"));
    assertThat(matches.matched(0)).hasSize(1);
    assertThat(matches.matched(1)).hasSize(1);
    assertThat(matches.matched(2)).isEmpty();
  }

  @Test
  void holdsNoMoreThanTheCacheOfAServer() throws InterruptedException {
    MmEmbeddingsCacheProducer small = producer("small", new Parameters(5));
    for (String content : List.of("x", "y", "z")) {
      send(small, images(content), a);
    }
    assertThat(contents(matches(small, images("x", "y", "z")).matched(0)))
        .containsExactly("y", "z");
  }

  @Test
  void sendingMakesAnItemNewerAndLookingDoesNot() throws InterruptedException {
    MmEmbeddingsCacheProducer small = producer("small", new Parameters(4));
    send(small, images("x"), a);
    send(small, images("y"), a);
    matches(small, images("x"));
    send(small, images("z"), a);
    assertThat(contents(matches(small, images("x", "y", "z")).matched(0)))
        .containsExactly("y", "z");
    send(small, images("y"), a);
    send(small, images("w"), a);
    assertThat(contents(matches(small, images("y", "z", "w")).matched(0)))
        .containsExactly("y", "w");
  }

  @Test
  void keepsTheLastItemsOfARequestThatHasTooMany() throws InterruptedException {
    MmEmbeddingsCacheProducer tiny = producer("tiny", new Parameters(1));
    send(tiny, images("x", "y"), a);
    assertThat(contents(matches(tiny, images("x", "y")).matched(0))).containsExactly("y");
  }

  @Test
  void looksAtABoundedNumberOfItems() throws InterruptedException {
    InferenceRequest hostile =
        images(IntStream.range(0, 1_000).mapToObj(Integer::toString).toArray(String[]::new));
    send(hostile, a);
    assertThat(matches(hostile).items()).hasSize(EncoderItems.MAX_ITEMS);
    assertThat(matches(hostile).matched(0)).hasSize(EncoderItems.MAX_ITEMS);
  }

  @Test
  void forgetsAnEndpointThatHasGone() throws InterruptedException {
    send(images("x"), a);
    var released = new AtomicInteger();
    producer.removed(a, released::incrementAndGet);
    producer.onRouted(Requests.routed(produce(producer, images("x")), a));
    EndpointState newcomer = endpoint(0, 9, "ns/newcomer");
    producer.added(newcomer);
    settle();
    assertThat(released).hasValue(1);
    assertThat(matches(images("x")).matched(0)).isEmpty();
  }

  @Test
  void reportsWhichItemsCameAndWhichEndpointHeldThem() throws InterruptedException {
    send(request(new Prompt(List.of(asset(Modality.IMAGE, "x"), asset(Modality.VIDEO, "v")))), a);
    EndpointState beside = endpoint(2);
    producer.added(beside);
    send(images("x"), beside);
    observed.lines.clear();

    matches(
        request(
            new Prompt(
                List.of(
                    asset(Modality.IMAGE, "x"),
                    asset(Modality.IMAGE, "y"),
                    asset(Modality.VIDEO, "v")))));

    assertThat(observed.lines)
        .containsExactly(
            "asked IMAGE 2",
            "asked VIDEO 1",
            "held ns/p0 IMAGE 1",
            "held ns/p0 VIDEO 1",
            "held ns/p2 IMAGE 1", // no candidate of this request, and yet it holds the image
            "compared 2/3",
            "compared 0/3");
    assertThat(observed.producer).isEqualTo("encoder/mm-embeddings-cache-producer");
  }

  @Test
  void takesTwoMebibytesForAnItem() {
    assertThat(new Parameters(0).itemsPerServer()).isEqualTo(2048);
    assertThat(new Parameters(-5).itemsPerServer()).isEqualTo(2048);
    assertThat(new Parameters(1).itemsPerServer()).isEqualTo(1);
    assertThat(new Parameters(2049).itemsPerServer()).isEqualTo(1024);
  }

  @Test
  void declaresItsFacts() {
    assertThat(producer.requires()).containsExactly(TokenizedPrompt.KEY);
    assertThat(producer.produces()).containsExactly(EncoderCacheMatches.key(NAME));
  }

  private MmEmbeddingsCacheProducer producer(String name, Parameters parameters) {
    var made =
        new MmEmbeddingsCacheProducer(
            name, parameters, state, recorder, LocalChanges.NONE, observed);
    made.added(a);
    made.added(b);
    return made;
  }

  private void send(InferenceRequest request, EndpointState to) throws InterruptedException {
    send(producer, request, to);
  }

  private void send(MmEmbeddingsCacheProducer through, InferenceRequest request, EndpointState to)
      throws InterruptedException {
    assertThat(through.onRouted(Requests.routed(produce(through, request), to)))
        .as("takes it back if it never arrives")
        .isNotNull();
    settle();
  }

  private void settle() throws InterruptedException {
    Recorders.drain(recorder);
  }

  private SchedulingCycle produce(MmEmbeddingsCacheProducer through, InferenceRequest request) {
    SchedulingCycle cycle = cycle(request, a, b);
    new TokenProducer(TokenProducer.Parameters.DEFAULT).produce(cycle);
    through.produce(cycle);
    return cycle;
  }

  private EncoderCacheMatches matches(InferenceRequest request) {
    return matches(producer, request);
  }

  private EncoderCacheMatches matches(MmEmbeddingsCacheProducer through, InferenceRequest request) {
    SchedulingCycle cycle = produce(through, request);
    return Stream.of(NAME, "small", "tiny")
        .map(name -> cycle.facts().get(EncoderCacheMatches.key(name)))
        .filter(Objects::nonNull)
        .findFirst()
        .orElseThrow();
  }

  private static @Nullable EncoderCacheMatches matchesOf(SchedulingCycle cycle) {
    return cycle.facts().get(EncoderCacheMatches.key(NAME));
  }

  /** The contents that items stand for, among the letters that tests use. */
  private static List<String> contents(List<Item> items) {
    List<String> contents = new ArrayList<>();
    for (Item item : items) {
      for (String content : List.of("w", "x", "y", "z")) {
        if (item.hash().equals(hashOf(content))) {
          contents.add(content);
        }
      }
    }
    return contents;
  }

  private static String hashOf(String content) {
    var token = new TokenProducer(TokenProducer.Parameters.DEFAULT).tokenize(images(content));
    return Objects.requireNonNull(token).features(0).getFirst().hash();
  }

  private static InferenceRequest images(String... contents) {
    return request(
        new Prompt(Stream.of(contents).map(content -> asset(Modality.IMAGE, content)).toList()));
  }

  private static PromptPiece asset(Modality modality, String content) {
    return new PromptPiece.Asset(modality, Utf8Text.of(content));
  }

  /** A prompt with images of these hashes. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Features(String... hashes) implements TokenizedPrompt {

    @Override
    public int prompts() {
      return 1;
    }

    @Override
    public int tokens(int prompt) {
      return hashes.length;
    }

    @Override
    public void writeTokens(int prompt, ByteSink sink) {
      sink.write(new byte[4 * hashes.length], 0, 4 * hashes.length);
    }

    @Override
    public String cacheSalt() {
      return "";
    }

    @Override
    public List<Feature> features(int prompt) {
      return Stream.of(hashes).map(hash -> new Feature(Modality.IMAGE, hash, 0, 1)).toList();
    }
  }

  /** Notes its calls, of the producer under test only. */
  private static final class Observed implements EncoderCacheObserver {

    final List<String> lines = new ArrayList<>();
    String producer = "";

    @Override
    public Lookups producing(String name, String type) {
      if (!name.equals(NAME)) {
        return Lookups.NONE;
      }
      producer = name + "/" + type;
      return new Lookups() {
        @Override
        public void asked(Modality modality, int items) {
          lines.add("asked " + modality + " " + items);
        }

        @Override
        public void held(EndpointId endpoint, Modality modality, int items) {
          lines.add("held " + endpoint + " " + modality + " " + items);
        }

        @Override
        public void compared(int matchedItems, int totalItems) {
          lines.add("compared " + matchedItems + "/" + totalItems);
        }
      };
    }
  }
}
