"""Engine room: writes self-played games as PGN."""
import chess
import chess.pgn

ROUND = ["g1f3", "g8f6", "f3g1", "f6g8"]


def exported(moves):
    game = chess.pgn.Game()
    node = game
    for uci in moves:
        node = node.add_variation(chess.Move.from_uci(uci))
    return str(game)


def main():
    print(len(exported(ROUND)))
    print(len(exported(ROUND * 400)))
