package ai.llmd.epp.domain.kvcache;

/*
 * One step of a walk takes 32 slots at a time: alive &= holders. What a slot's blocks are worth is only added up
 * block by block from the first on that counts something else than 1; until then it is their number, which is the
 * same to the last bit.
 */
/** A walk along one chain of blocks. */
final class MatchWalk {

  private static final int SECTION_LIMIT = 255;

  private MatchWalk() {}

  static void walk(
      BlockTable table,
      HolderSets sets,
      KvLocations locations,
      long[] keys,
      int from,
      int to,
      KvMatch match) {
    match.beginChain();
    double[] weights = locations.weights();
    int[] tiers = locations.tiersOfLocations();
    int held = 0;
    while (held < to - from) {
      int id = table.find(keys[from + held]);
      int set = id == BlockTable.NONE ? HolderSets.NONE : table.holders(id);
      if (set == HolderSets.NONE || !isHeld(sets, set, weights, tiers, held, match)) {
        break;
      }
      held++;
    }
    for (int word = 0; held > 0 && word < match.words; word++) {
      match.end(word, match.alive[word], held);
      for (int i = 0; i < match.usedTierCount; i++) {
        int tier = match.usedTiers[i];
        match.endTier(tier, word, match.tierAlive[tier][word], held);
      }
    }
  }

  private static boolean isHeld(
      HolderSets sets, int set, double[] weights, int[] tiers, int held, KvMatch match) {
    if (!HolderSets.isBits(set)) {
      int count = sets.list(set, match.listed);
      int sections = toBits(match, count);
      match.scratch[0] = match.words << 16 | sections;
      boolean isHeld = take(match.scratch, 0, weights, tiers, held, match);
      for (int i = 0; i < sections; i++) {
        int section = 1 + i * (match.words + 1);
        for (int j = 0; j < count; j++) {
          int word = HolderSets.slot(match.listed[j]) >>> 5;
          if (word < match.words) {
            match.scratch[section + 1 + word] = 0;
          }
        }
      }
      return isHeld;
    }
    int[] row = sets.array(set);
    int start = RowPool.start(set);
    if (start >= row.length) {
      return false;
    }
    return take(row, start, weights, tiers, held, match);
  }

  private static int toBits(KvMatch match, int count) {
    int[] scratch = match.scratch;
    int sections = 0;
    for (int i = 0; i < count; i++) {
      int holder = match.listed[i];
      int mark = HolderSets.location(holder) + 1;
      int word = HolderSets.slot(holder) >>> 5;
      if (word >= match.words) {
        continue;
      }
      int section = 0;
      while (section < sections && scratch[1 + section * (match.words + 1)] != mark) {
        section++;
      }
      int at = 1 + section * (match.words + 1);
      if (section == sections) {
        scratch[at] = mark;
        sections++;
      }
      scratch[at + 1 + word] |= 1 << HolderSets.slot(holder);
    }
    return sections;
  }

  /** Takes one block; false when no slot's chain goes on. */
  private static boolean take(
      int[] row, int start, double[] weights, int[] tiers, int held, KvMatch match) {
    int head = row[start];
    int words = head >>> 16;
    int sections = head & 0xffff;
    if (sections == 0
        || sections > SECTION_LIMIT
        || start + 1 + sections * (words + 1) > row.length) {
      return false; // freed meanwhile
    }
    if (sections == 1 && held > 0 && match.usedTierCount == 1) {
      int location = row[start + 1] - 1;
      if (location >= 0
          && location < weights.length
          && weights[location] == 1
          && tiers[location] == match.usedTiers[0]) {
        return takeOne(row, start + 2, words, held, match);
      }
    }
    readSections(row, start, words, sections, weights, tiers, match);
    boolean isHeld = false;
    for (int word = 0; word < match.words; word++) {
      int alive = match.alive[word];
      if (alive == 0) {
        continue;
      }
      int union = 0;
      int ones = 0;
      int above = 0;
      if (word < words) {
        for (int i = 0, at = start + 2 + word; i < sections; i++, at += words + 1) {
          int bits = row[at];
          union |= bits;
          double weight = match.sectionWeight[i];
          if (weight == 1) {
            ones |= bits;
          } else if (weight > 1) {
            above |= bits;
          }
        }
      }
      int live = alive & union;
      int dead = alive & ~union;
      if (dead != 0 && held > 0) {
        match.end(word, dead, held);
      }
      match.alive[word] = live;
      isHeld |= live != 0;
      takeTiers(row, start, words, sections, word, live, held, match);
      int summed = live & (match.fractional[word] | ~ones | above);
      if (summed != 0) {
        addUp(row, start, words, sections, word, summed, held, match);
      }
    }
    return isHeld;
  }

  /** The usual case: all hold the block in the one tier that counts 1, as they did before. */
  private static boolean takeOne(int[] row, int first, int words, int held, KvMatch match) {
    int[] allAlive = match.alive;
    int[] tierAlive = match.tierAlive[match.usedTiers[0]];
    int any = 0;
    for (int word = 0; word < allAlive.length; word++) {
      int alive = allAlive[word];
      if (alive == 0) {
        continue;
      }
      int bits = word < words ? row[first + word] : 0;
      int live = alive & bits;
      if (live != alive) {
        match.end(word, alive & ~bits, held);
        allAlive[word] = live;
      }
      int lost = tierAlive[word] & ~bits;
      if (lost != 0) {
        match.endTier(match.usedTiers[0], word, lost, held);
        tierAlive[word] &= bits;
      }
      any |= live;
      if ((live & match.fractional[word]) != 0) {
        addOne(word, live & match.fractional[word], match);
      }
    }
    return any != 0;
  }

  private static void addOne(int word, int slots, KvMatch match) {
    for (int left = slots; left != 0; left &= left - 1) {
      match.chainScore[word << 5 | Integer.numberOfTrailingZeros(left)] += 1;
    }
  }

  private static void readSections(
      int[] row, int start, int words, int sections, double[] weights, int[] tiers, KvMatch match) {
    if (match.sectionTier.length < sections) {
      match.sectionTier = new int[SECTION_LIMIT];
      match.sectionWeight = new double[SECTION_LIMIT];
    }
    for (int i = 0; i < sections; i++) {
      int location = row[start + 1 + i * (words + 1)] - 1;
      boolean isKnown = location >= 0 && location < weights.length;
      match.sectionTier[i] = isKnown ? tiers[location] : 0;
      match.sectionWeight[i] = isKnown ? weights[location] : 0;
    }
  }

  private static void takeTiers(
      int[] row, int start, int words, int sections, int word, int live, int held, KvMatch match) {
    if (held == 0) {
      for (int i = 0; live != 0 && i < sections; i++) {
        int tier = match.sectionTier[i];
        match.useTier(tier);
        match.tierAlive[tier][word] |= row[start + 2 + word + i * (words + 1)] & live;
      }
      return;
    }
    for (int used = 0; used < match.usedTierCount; used++) {
      int tier = match.usedTiers[used];
      if (match.tierAlive[tier][word] == 0) {
        continue;
      }
      int bits = 0;
      for (int i = 0; word < words && i < sections; i++) {
        if (match.sectionTier[i] == tier) {
          bits |= row[start + 2 + word + i * (words + 1)];
        }
      }
      int before = match.tierAlive[tier][word];
      if ((before & ~bits) != 0) {
        match.endTier(tier, word, before & ~bits, held);
        match.tierAlive[tier][word] = before & bits;
      }
    }
  }

  private static void addUp(
      int[] row,
      int start,
      int words,
      int sections,
      int word,
      int summed,
      int held,
      KvMatch match) {
    for (int left = summed; left != 0; left &= left - 1) {
      int bit = Integer.numberOfTrailingZeros(left);
      int slot = word << 5 | bit;
      double best = 0;
      boolean isFirst = true;
      for (int i = 0, at = start + 2 + word; i < sections; i++, at += words + 1) {
        if ((row[at] >>> bit & 1) != 0 && (isFirst || match.sectionWeight[i] > best)) {
          best = match.sectionWeight[i];
          isFirst = false;
        }
      }
      if ((match.fractional[word] >>> bit & 1) == 0) {
        match.chainScore[slot] = held;
      }
      match.chainScore[slot] += best;
    }
    match.fractional[word] |= summed;
  }
}
