package ai.llmd.epp.simulator.openai;

import ai.llmd.epp.simulator.engine.FinishReason;
import ai.llmd.epp.simulator.text.TokenizedText;

/**
 * One finished answer.
 *
 * @param text the full text
 * @param tokens how much of it was sent, in tokens
 * @param finishReason why it ended
 */
public record Answer(TokenizedText text, int tokens, FinishReason finishReason) {

  String content() {
    return text.between(0, tokens);
  }
}
