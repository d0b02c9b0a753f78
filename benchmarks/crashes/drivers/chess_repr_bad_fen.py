"""Game archive: logs the games of an import as they are made."""
import chess
import chess.pgn


def begun(headers, uci):
    game = chess.pgn.Game(headers)
    node = game.add_variation(chess.Move.from_uci(uci))
    return repr(node)


def main():
    print(begun({"Event": "Open"}, "e2e4"))
    print(begun({"Event": "Club night", "FEN": "not a position"}, "e2e4"))
