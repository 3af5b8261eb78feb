package ai.llmd.epp.adapter.extproc.body;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

class ByteSearchTest {

  @RepeatedTest(200)
  void findsWhatAPlainSearchFinds(RepetitionInfo round) {
    Random random = new Random(round.getCurrentRepetition());
    String text =
        random
            .ints(random.nextInt(60), 'a', 'd')
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    for (String wanted : new String[] {"ab", "abc", "aabbc", "ccccccccc", "a\u0080"}) {
      for (int from = 0; from <= bytes.length; from++) {
        int to = from + random.nextInt(bytes.length - from + 1);
        byte[] wantedBytes = wanted.getBytes(StandardCharsets.ISO_8859_1);
        int place = text.substring(0, to).indexOf(wanted, from);
        assertThat(ByteSearch.indexOf(bytes, from, to, wantedBytes)).isEqualTo(place);
        int firstPlace = text.substring(0, to).indexOf(wanted.charAt(0), from);
        assertThat(ByteSearch.indexOf(bytes, from, to, wantedBytes[0])).isEqualTo(firstPlace);
      }
    }
  }
}
