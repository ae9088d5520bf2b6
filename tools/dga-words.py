#!/usr/bin/env python3
"""Makes xtask/data/words.tsv.gz, the word list that the model of generated names is trained with, from zxcvbn's lists.

    tools/dga-words.py frequency_lists.rs

The file is that of the Rust crate zxcvbn (MIT), version 3.1.1: words of the English Wikipedia, of films, names and
common passwords, each list by frequency. Kept are words of 3 to 14 letters. Each line is the word's class (0: among the
3,000 most frequent of its list, 1: among 12,000, 2: the rest, names and passwords) and the word.
"""
import gzip, io, os, re, sys

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'xtask', 'data', 'words.tsv.gz')
RANKED = ('ENGLISH_WIKI', 'US_TV_AND_FILM')


def main(source):
    with open(source, encoding='utf-8') as f:
        lists = dict(re.findall(r'^const (\w+): &str = "(.*?)";', f.read(), re.M | re.S))
    for name in RANKED:
        if name not in lists:
            sys.exit(f'{source}: no list {name}, but {sorted(lists)}')
    words = {}
    for name, text in sorted(lists.items()):
        for rank, word in enumerate(text.split(',')):
            kind = 2 if name not in RANKED else 0 if rank < 3000 else 1 if rank < 12000 else 2
            if re.fullmatch('[a-z]{3,14}', word):
                words[word] = min(words.get(word, 9), kind)
    buf = io.BytesIO()
    with gzip.GzipFile(filename='', mode='wb', fileobj=buf, compresslevel=9, mtime=0) as g:
        g.write(''.join(f'{words[w]}\t{w}\n' for w in sorted(words)).encode())
    with open(OUT, 'wb') as f:
        f.write(buf.getvalue())
    kinds = [sum(k == kind for k in words.values()) for kind in range(3)]
    print(f'{len(words)} words, by class {kinds}, {len(buf.getvalue())} bytes')


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
