from flask import Blueprint, jsonify, request

from shop.pricing import Discount, quote

bp = Blueprint("shop", __name__)


@bp.route("/quote/<country>", methods=["POST"])
def post_quote(country):
    payload = request.get_json()
    discount = Discount(payload.get("code", ""), payload.get("percent", 0))
    total = quote(payload["lines"], country, discount)
    return jsonify({"total": total})
