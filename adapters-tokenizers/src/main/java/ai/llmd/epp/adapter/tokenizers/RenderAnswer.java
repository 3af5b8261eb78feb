package ai.llmd.epp.adapter.tokenizers;

import ai.llmd.epp.application.port.out.PromptTokenizer.Tokens;
import ai.llmd.epp.domain.calls.WithoutResultException;
import ai.llmd.epp.domain.facts.TokenizedPrompt.Feature;
import ai.llmd.epp.domain.request.PromptPiece.Modality;
import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonScanner;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what a renderer answers: one prompt, or a list of them. */
final class RenderAnswer {

  private final JsonScanner json;

  private RenderAnswer(byte[] body) {
    this.json = new JsonScanner(body, 0, body.length);
  }

  /** What is known of one prompt's media, by their kind. */
  private static final class Media {

    private final Map<String, List<@Nullable String>> hashes = new HashMap<>();
    private final Map<String, List<int[]>> places = new HashMap<>();

    List<Feature> features() {
      List<Feature> features = new ArrayList<>();
      hashes.forEach(
          (kind, all) -> {
            Modality modality = modality(kind);
            List<int[]> ranges = places.getOrDefault(kind, List.of());
            for (int i = 0; i < Math.min(all.size(), ranges.size()); i++) {
              String hash = all.get(i);
              if (hash != null) {
                features.add(new Feature(modality, hash, ranges.get(i)[0], ranges.get(i)[1]));
              }
            }
          });
      features.sort(Comparator.comparingInt(Feature::offset));
      return features;
    }

    private static Modality modality(String kind) {
      String name = kind.toUpperCase(Locale.ROOT);
      return Arrays.stream(Modality.values())
          .filter(modality -> modality.name().equals(name))
          .findFirst()
          .orElse(Modality.IMAGE);
    }
  }

  /**
   * The prompts of an answer.
   *
   * @throws WithoutResultException if there is none
   */
  static List<Tokens> read(byte[] body) {
    return new RenderAnswer(body).prompts();
  }

  private List<Tokens> prompts() {
    List<Tokens> prompts = new ArrayList<>();
    if (json.kind() == JsonKind.ARRAY) {
      json.enter();
      while (json.nextElement()) {
        prompts.add(prompt());
      }
    } else {
      prompts.add(prompt());
    }
    if (json.error() != null || prompts.isEmpty()) {
      throw unreadable();
    }
    return prompts;
  }

  private Tokens prompt() {
    if (json.kind() != JsonKind.OBJECT) {
      throw unreadable();
    }
    int[] ids = null;
    Media media = new Media();
    json.enter();
    while (json.nextMember()) {
      if (json.keyIs("token_ids") && json.kind() == JsonKind.ARRAY) {
        ids = ids();
      } else if (json.keyIs("features") && json.kind() == JsonKind.OBJECT) {
        readMedia(media);
      } else {
        json.skip();
      }
    }
    if (ids == null) {
      throw unreadable();
    }
    return new Tokens(ids, media.features());
  }

  private int[] ids() {
    int[] ids = new int[1024];
    int count = 0;
    json.enter();
    while (json.nextElement()) {
      if (count == ids.length) {
        ids = Arrays.copyOf(ids, 2 * count);
      }
      ids[count++] = (int) (long) integer();
    }
    return Arrays.copyOf(ids, count);
  }

  private double integer() {
    double value = json.kind() == JsonKind.NUMBER ? json.integer() : Double.NaN;
    if (!(value >= 0 && value <= 0xffffffffL)) {
      throw unreadable();
    }
    return value;
  }

  private void readMedia(Media media) {
    json.enter();
    while (json.nextMember()) {
      boolean isHashes = json.keyIs("mm_hashes");
      if ((isHashes || json.keyIs("mm_placeholders")) && json.kind() == JsonKind.OBJECT) {
        json.enter();
        while (json.nextMember()) {
          String kind = json.key().content();
          if (json.kind() != JsonKind.ARRAY) {
            json.skip();
          } else if (isHashes) {
            media.hashes.put(kind, hashes());
          } else {
            media.places.put(kind, places());
          }
        }
      } else {
        json.skip();
      }
    }
  }

  private List<@Nullable String> hashes() {
    List<@Nullable String> hashes = new ArrayList<>();
    json.enter();
    while (json.nextElement()) {
      if (json.kind() == JsonKind.STRING) {
        hashes.add(json.text().content());
      } else {
        json.skip();
        hashes.add(null);
      }
    }
    return hashes;
  }

  private List<int[]> places() {
    List<int[]> places = new ArrayList<>();
    json.enter();
    while (json.nextElement()) {
      int[] place = new int[2];
      if (json.kind() != JsonKind.OBJECT) {
        throw unreadable();
      }
      json.enter();
      while (json.nextMember()) {
        boolean isOffset = json.keyIs("offset");
        if (isOffset || json.keyIs("length")) {
          place[isOffset ? 0 : 1] = (int) Math.min(Integer.MAX_VALUE, integer());
        } else {
          json.skip();
        }
      }
      places.add(place);
    }
    return places;
  }

  private static WithoutResultException unreadable() {
    return new WithoutResultException("cannot read the renderer's answer");
  }
}
